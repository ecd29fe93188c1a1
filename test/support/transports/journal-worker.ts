import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import type { ErrorValue } from '../../../runtime/protocol/errors.ts'
import type { SqliteOptions } from '../../../transports/sqlite/index.ts'

const PROGRAM = fileURLToPath(new URL('journal-process.ts', import.meta.url))

/** What a worker answers: a value, or the error of its journal. */
export interface Answer {
  readonly value?: unknown
  readonly error?: ErrorValue
}

/** A journal in a process of its own. */
export interface JournalWorker {
  tell(command: 'own' | 'view' | 'close' | `append ${number}`): Promise<Answer>
  /** Lets it append batch after batch. Resolves, when it has ended, to what it acknowledged. */
  flood(first: number): Promise<readonly number[]>
  /** Resolves when it has answered something. */
  started(): Promise<void>
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** Kills it without a chance to clean up. Resolves when it is gone. */
  kill(): Promise<void>
}

/** Starts a worker on a file; as another user or with a limit on the size of files (in KB), if they are given. */
export function journalWorker(
  path: string,
  options: SqliteOptions = {},
  { user, fileSize }: { readonly user?: number; readonly fileSize?: number } = {},
): JournalWorker {
  const given = [PROGRAM, path, JSON.stringify(options), ...(user === undefined ? [] : [String(user)])]
  const limit = `trap '' XFSZ; ulimit -f ${fileSize}; exec "$0" "$@"`
  const child =
    fileSize === undefined
      ? spawn(process.execPath, given, { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawn('bash', ['-c', limit, process.execPath, ...given], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })
  const answers: Answer[] = []
  const waiting: ((answer: Answer) => void)[] = []
  lines.on('line', (line) => {
    const answer = JSON.parse(line) as Answer
    answers.push(answer)
    waiting.shift()?.(answer)
  })
  const next = (): Promise<Answer> => new Promise((resolve) => waiting.push(resolve))
  return {
    tell(command) {
      const answer = next()
      child.stdin.write(`${command}\n`)
      return answer
    },
    async flood(first) {
      const before = answers.length
      child.stdin.write(`flood ${first}\n`)
      await ended
      return answers.slice(before).map(({ value }) => Number(value))
    },
    started: async () => {
      await next()
    },
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
