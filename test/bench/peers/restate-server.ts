import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A Restate server at work. */
export interface RestateServer {
  /** Makes the services behind a port known to it. */
  register(port: number): Promise<void>
  /** Calls a handler and gives what it returns. */
  call(path: string, input: unknown): Promise<unknown>
}

// Ends the server when its standard input closes: with the process that started it, however that ends.
const GUARD = '"$@" & cat > /dev/null; kill -9 $!; wait'
const LONGEST_START = 30_000

/** Starts a server with its defaults (every append of its log is synced) on free ports, its data in a temporary folder. */
export async function createRestateServer(): Promise<RestateServer> {
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()]
  const folder = mkdtempSync(join(tmpdir(), 'restate-'))
  const options = ['--no-logo', '--listen-mode', 'tcp', '--bind-ip', '127.0.0.1', '--bind-port', String(node)]
  const command = [binary(), ...options, '--base-dir', folder, '--node-name', 'bench']
  const env = {
    ...process.env,
    RESTATE_INGRESS__BIND_PORT: String(ingress),
    RESTATE_ADMIN__BIND_PORT: String(admin),
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'error',
  }
  const server = spawn('sh', ['-c', GUARD, 'sh', ...command], { env, stdio: ['pipe', 'ignore', 'ignore'] })
  server.unref()
  await ready([`http://127.0.0.1:${admin}/health`, `http://127.0.0.1:${ingress}/restate/health`])
  return {
    register: async (port) => {
      await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${port}` })
    },
    call: (path, input) => post(`http://127.0.0.1:${ingress}/${path}`, input),
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

function binary(): string {
  const { resolve } = createRequire(import.meta.url)
  return resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`)
}

async function ready(addresses: readonly string[]): Promise<void> {
  const latest = performance.now() + LONGEST_START
  const answers = (address: string) =>
    fetch(address).then(
      (response) => response.ok,
      () => false,
    )
  for (;;) {
    if ((await Promise.all(addresses.map(answers))).every(Boolean)) return
    if (performance.now() > latest) throw new Error(`The Restate server was not ready after ${LONGEST_START} ms.`)
    await wait(50)
  }
}

async function post(address: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
