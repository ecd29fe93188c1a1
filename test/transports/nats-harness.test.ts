import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { natsStage } from '../support/nats/nats-stage.ts'
import { pause } from '../support/runtime/outcome.ts'

const stage = natsStage()
const PROGRAM = fileURLToPath(new URL('../support/nats/server-process.ts', import.meta.url))

function isHeard(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function gone(port: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && (await isHeard(port)); tries++) await pause(20)
  return !(await isHeard(port))
}

it('a machine without a server is told so, and what to run', async () => {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, NATS_SERVER: '/none/nats-server' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const [status] = (await once(child, 'close')) as [number]
  expect(status).toBe(1)
  expect(said).toContain('NO NATS-SERVER')
  expect(said).toContain('npm run setup')
})

it.each(['SIGTERM', 'SIGKILL'] as const)('no server outlives a test process that ends by %s', async (signal) => {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  expect(await isHeard(port)).toBe(true)
  child.kill(signal)
  await once(child, 'close')
  // At the latest when the next test starts its own.
  await stage.server()
  expect(await gone(port)).toBe(true)
})
