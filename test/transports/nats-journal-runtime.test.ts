import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createRuntime, type Runtime } from '../../runtime/index.ts'
import { natsJournal } from '../../transports/nats/index.ts'
import { type NatsServer, natsServer } from '../support/nats/nats-server.ts'
import { tallyActor } from '../support/runtime/tally-actor.ts'

const tally = tallyActor()
let server: NatsServer
beforeAll(async () => {
  server = await natsServer()
})
afterAll(() => server.close())

async function opened(realm: string): Promise<Runtime> {
  const journal = natsJournal({ servers: server.url, patience: '1s' })
  const runtime = await createRuntime({ realm, journal, actors: [tally] })
  onTestFinished(() => runtime.stop())
  return runtime
}

it('a durable actor goes on in the next runtime, and not in the one it was taken from', async () => {
  const first = await opened('handover')
  const before = await first.spawn(tally, { key: 'a' })
  await before.send({ type: 'tally.add', by: 1 })
  const second = await opened('handover')
  const after = await second.spawn(tally, { key: 'a' })
  await after.send({ type: 'tally.add', by: 10 })
  await expect(before.send({ type: 'tally.add', by: 100 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(await after.ask({ type: 'tally.get' })).toMatchObject({ total: 11 })
})

it('a runtime owns its shard again by itself once its server is back, and its actors have what was acknowledged', async () => {
  const runtime = await opened('outage')
  const ref = await runtime.spawn(tally, { key: 'a' })
  await ref.send({ type: 'tally.add', by: 1 })
  await server.kill()
  await expect(ref.send({ type: 'tally.add', by: 10 })).rejects.toMatchObject({ code: 'STORAGE' })
  await server.restart()
  const total = () => ref.ask({ type: 'tally.get' }).then(({ total }) => total, String)
  await expect.poll(total, { timeout: 15_000 }).toSatisfy((found) => found === 1 || found === 11)
})
