import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { KillLine } from './kill-line.ts'
import type { KillPlan } from './kill-plan.ts'

const PROGRAM = fileURLToPath(new URL('kill-process.ts', import.meta.url))
const alive = new Map<ChildProcess, Promise<unknown>>()
process.on('exit', () => void endLives())

/** One process of the kill tests, from its start to its end. */
export interface KillLife {
  /** What it has told so far, in order. */
  readonly lines: readonly KillLine[]
  /** Resolves when it has told a line of the kind, or has ended. */
  told(kind: KillLine['kind']): Promise<void>
  /** Resolves when it has told one line more, or has ended. */
  next(): Promise<void>
  /** Kills it without a chance to clean up. */
  kill(): void
  /** Resolves when it is gone: to the signal that killed it, or null. */
  readonly ended: Promise<NodeJS.Signals | null>
}

/** Starts a process on a plan. */
export function startLife(plan: KillPlan): KillLife {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(plan)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: KillLine[] = []
  const waiting = new Set<{ readonly kind: KillLine['kind'] | null; readonly resolve: () => void }>()
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as KillLine
    lines.push(line)
    for (const waiter of waiting) if (waiter.kind === line.kind || waiter.kind === null) waiter.resolve()
  })
  const ended = once(child, 'close').then(([, signal]) => {
    alive.delete(child)
    for (const { resolve } of waiting) resolve()
    return signal as NodeJS.Signals | null
  })
  alive.set(child, ended)
  const wait = (kind: KillLine['kind'] | null): Promise<void> =>
    new Promise((resolve) => {
      if (alive.has(child)) waiting.add({ kind, resolve })
      else resolve()
    })
  return {
    lines,
    ended,
    told: async (kind) => (lines.some((line) => line.kind === kind) ? undefined : wait(kind)),
    next: () => wait(null),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Kills every process that is still there. */
export async function endLives(): Promise<void> {
  for (const child of alive.keys()) child.kill('SIGKILL')
  await Promise.all(alive.values())
}
