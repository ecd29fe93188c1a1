import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buryOrphans, endWithUs } from './orphans.ts'

const FINDER = fileURLToPath(new URL('../../../.ci/install-nats-server', import.meta.url))

/** How a server of a test differs from one with JetStream on a free port. */
export interface NatsServerOptions {
  readonly jetStream?: boolean
  /** Further lines of its configuration file. */
  readonly config?: string
  /** A port to stay on. Default: a free one, kept over restarts. */
  readonly port?: number
  readonly name?: string
}

/** A real nats-server, with a store of its own that outlives its restarts. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Lets it end in order. */
  stop(): Promise<void>
  /** Ends it without a word. */
  kill(): Promise<void>
  /** Keeps a copy of the store as it is now. */
  save(): void
  /** Starts it again on its port and store. With `wiped`, on an empty store; with `saved`, on the copy. */
  restart(options?: { readonly wiped?: boolean; readonly saved?: boolean }): Promise<void>
  /** Ends it and removes its store. */
  close(): Promise<void>
}

/** Starts a server. Fails loudly where there is none: a test that needs one is not skipped. */
export async function natsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const program = serverProgram()
  buryOrphans()
  const folder = mkdtempSync(join(tmpdir(), 'troupe-nats-'))
  let port = options.port ?? -1
  let child: ChildProcess

  async function start(): Promise<void> {
    for (const name of readdirSync(folder)) if (name.endsWith('.ports')) rmSync(join(folder, name))
    mkdirSync(join(folder, 'store'), { recursive: true })
    writeFileSync(join(folder, 'server.conf'), configuration(folder, port, options))
    child = spawn(program, ['-c', join(folder, 'server.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
    endWithUs(child, folder)
    let complaint = ''
    child.stderr?.on('data', (bytes: Buffer) => {
      complaint = (complaint + bytes.toString()).slice(-4_000)
    })
    port = await readyPort(child, folder, () => complaint)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGTERM') child.kill('SIGCONT')
    await gone
  }

  await start()
  return {
    url: `127.0.0.1:${port}`,
    port,
    signal: (name) => void child.kill(name),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    save: () => cpSync(join(folder, 'store'), join(folder, 'saved'), { recursive: true }),
    async restart({ wiped = false, saved = false } = {}) {
      if (wiped || saved) rmSync(join(folder, 'store'), { recursive: true })
      if (saved) renameSync(join(folder, 'saved'), join(folder, 'store'))
      await start()
    },
    async close() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

let found: string | undefined

function serverProgram(): string {
  try {
    found ??= execFileSync(FINDER, ['--find'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
    return found
  } catch (cause) {
    throw new Error(
      'NO NATS-SERVER: the tests over NATS need a real one. Run `npm run setup`, or name one in the variable NATS_SERVER.',
      { cause },
    )
  }
}

function configuration(
  folder: string,
  port: number,
  { jetStream = true, config = '', name }: NatsServerOptions,
): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    `ports_file_dir: "${folder}"`,
    ...(name === undefined ? [] : [`server_name: "${name}"`]),
    ...(jetStream ? [`jetstream: { store_dir: "${join(folder, 'store')}", max_file: 1GB, max_mem: 256MB }`] : []),
    config,
    '',
  ].join('\n')
}

async function readyPort(child: ChildProcess, folder: string, complaint: () => string): Promise<number> {
  for (let waited = 0; waited < 10_000; waited += 5) {
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}: ${complaint()}`)
    const file = readdirSync(folder).find((name) => name.endsWith('.ports'))
    const text = file ? readFileSync(join(folder, file), 'utf8') : ''
    const port = /"(?:nats|tls):\/\/[^"]*:(\d+)"/.exec(text)?.[1]
    if (port !== undefined) return Number(port)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`nats-server did not become ready: ${complaint()}`)
}
