import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../../../runtime/cli/main.ts')

/** What a command printed, and how it ended. */
export interface CommandOutcome {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command at work in a process of its own. */
export interface RunningCommand {
  readonly process: ChildProcess
  readonly ended: Promise<CommandOutcome>
}

/** Runs a command line to its end. */
export function troupe(...words: readonly string[]): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], { maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ code: error ? ((error.code as number | undefined) ?? null) : 0, out, err }),
    )
  })
}

/** Starts a command line. `watch` hears each line of its standard error; with `fileSize` no file may outgrow so many KB. */
export function startTroupe(
  words: readonly string[],
  watch: (line: string, child: ChildProcess) => void = () => {},
  fileSize?: number,
): RunningCommand {
  const limit = `trap '' XFSZ; ulimit -f ${fileSize}; exec "$0" "$@"`
  const child =
    fileSize === undefined
      ? spawn(process.execPath, [MAIN, ...words])
      : spawn('bash', ['-c', limit, process.execPath, MAIN, ...words])
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    const before = err.split('\n').length - 1
    err += chunk.toString()
    for (const line of err.split('\n').slice(before, -1)) watch(line, child)
  })
  const ended = new Promise<CommandOutcome>((resolve) =>
    child.on('close', (code) => {
      resolve({ code, out, err })
    }),
  )
  return { process: child, ended }
}
