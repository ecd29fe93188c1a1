import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SideReply, SideRequest } from './side-main.ts'

/** One side of a case, alive in a process of its own: no side can spoil another's heap or compiled code. */
export interface SideProcess {
  prepare(): Promise<void>
  sample(): Promise<number>
  /** Resolves when its process is gone. */
  stop(): Promise<void>
}

/** Starts the process of one side. What it writes to temporary files goes into the folder. */
export function createSideProcess(file: string, side: string, folder: string): SideProcess {
  const child = fork(fileURLToPath(new URL('side-main.ts', import.meta.url)), [file, side], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    env: {
      ...process.env,
      TMPDIR: folder,
      NODE_ENV: 'production',
      NO_COLOR: '1',
      MASTRA_TELEMETRY_DISABLED: '1',
      LANGSMITH_TRACING: 'false',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  return {
    prepare: async () => {
      await request(child, side, 'prepare')
    },
    sample: async () => {
      const value = await request(child, side, 'sample')
      if (!Number.isFinite(value) || value <= 0)
        throw new Error(`Side ${side} measured ${value}: not a positive number.`)
      return value
    },
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}

function request(child: ChildProcess, side: string, message: SideRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      reject(new Error(`Side ${side} ended with exit code ${code} while it was asked to ${message}.`))
    }
    child.once('exit', onExit)
    child.once('message', (reply: SideReply) => {
      child.off('exit', onExit)
      if ('error' in reply) reject(new Error(`Side ${side} failed to ${message}: ${reply.error}`))
      else resolve(reply.value)
    })
    child.send(message, (error) => {
      if (error)
        reject(new Error(`Side ${side} could not be asked to ${message}: its process is gone.`, { cause: error }))
    })
  })
}
