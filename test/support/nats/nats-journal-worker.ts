import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ErrorValue } from '../../../runtime/protocol/errors.ts'
import { endWithUs } from './orphans.ts'

const PROGRAM = fileURLToPath(new URL('nats-journal-process.ts', import.meta.url))

/** What a worker answers: a value, or the error of its journal. */
export interface WorkerAnswer {
  readonly value?: unknown
  readonly error?: ErrorValue
}

/** A journal over NATS in a process of its own. */
export interface NatsJournalWorker {
  tell(command: 'own' | `append ${number}`): Promise<WorkerAnswer>
  /** Lets it append batch after batch, until it is killed or fails. */
  flood(first: number): void
  /** What it has answered since it was told to flood. */
  readonly flooded: readonly WorkerAnswer[]
  /** Resolves when it has answered something. */
  answered(): Promise<WorkerAnswer>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Kills it without a chance to clean up. Resolves when it is gone and all it said is heard. */
  kill(): Promise<void>
}

/** Starts a worker on a server; its records hold as many bytes as given. */
export function natsJournalWorker(servers: string, size = 500): NatsJournalWorker {
  const child = spawn(process.execPath, [PROGRAM, servers, String(size)], { stdio: ['pipe', 'pipe', 'inherit'] })
  endWithUs(child, null)
  const ended = once(child, 'close')
  const waiting: ((answer: WorkerAnswer) => void)[] = []
  let flooded: WorkerAnswer[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as WorkerAnswer
    flooded.push(answer)
    waiting.shift()?.(answer)
  })
  const answered = (): Promise<WorkerAnswer> => new Promise((resolve) => waiting.push(resolve))
  return {
    tell(command) {
      const answer = answered()
      child.stdin.write(`${command}\n`)
      return answer
    },
    flood(first) {
      flooded = []
      child.stdin.write(`flood ${first}\n`)
    },
    get flooded() {
      return flooded
    },
    answered,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
