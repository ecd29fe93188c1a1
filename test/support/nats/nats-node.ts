import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ErrorValue } from '../../../runtime/protocol/errors.ts'
import type { NatsOptions } from '../../../transports/nats/index.ts'
import { endWithUs } from './orphans.ts'

const PROGRAM = fileURLToPath(new URL('nats-node-process.ts', import.meta.url))

/** A node of realm 'realm' in a process of its own, hosting 'thing'. */
export interface NatsNode {
  /** Resolves to the value of a command, or to `ERROR:` and the code of what it failed with. */
  tell(line: string): Promise<unknown>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Kills it without a chance to clean up. Resolves when it is gone. */
  kill(): Promise<void>
}

interface Line {
  readonly line?: string
  readonly value?: unknown
  readonly error?: ErrorValue
}

/** Starts a node and waits until it has joined. */
export async function natsNode(id: string, options: NatsOptions): Promise<NatsNode> {
  const child = spawn(process.execPath, [PROGRAM, id, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  endWithUs(child, null)
  const ended = once(child, 'close')
  const waiting = new Map<string, (answer: Line) => void>()
  const joined = new Promise<Line>((resolve) => waiting.set('', resolve))
  createInterface({ input: child.stdout }).on('line', (text) => {
    const answer = JSON.parse(text) as Line
    waiting.get(answer.line ?? '')?.(answer)
  })
  await Promise.race([
    joined,
    ended.then(() => {
      throw new Error(`the node ${id} ended before it had joined`)
    }),
  ])
  return {
    async tell(line) {
      const answered = new Promise<Line>((resolve) => waiting.set(line, resolve))
      child.stdin.write(`${line}\n`)
      const { value, error } = await answered
      return error ? `ERROR:${error.code}` : value
    },
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
