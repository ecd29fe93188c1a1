import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NatsCluster, natsCluster } from '../support/nats/nats-cluster.ts'
import { bytes, natsStage, soon, text, thing } from '../support/nats/nats-stage.ts'
import { code, pause } from '../support/runtime/outcome.ts'

const stage = natsStage()
let cluster: NatsCluster
beforeAll(async () => {
  cluster = await natsCluster()
})
afterAll(() => cluster.close())

describe('on three servers', () => {
  it('keeps its places when the leader of the directory is killed, and order per sender across servers', async () => {
    const seen: string[] = []
    const [first = '', second = '', third = ''] = cluster.urls
    const host = await stage.join(
      { servers: [first, second, third], replicas: 3, lease: '10s' },
      {
        types: ['thing'],
        handle: async (frame) => {
          seen.push(text(frame))
          return frame
        },
      },
    )
    const asker = await stage.join({ servers: [third, second, first], replicas: 3, lease: '10s' })
    await host.link.claim(thing('k'))
    const numbers = Array.from({ length: 300 }, (_, n) => String(n))
    await Promise.all(numbers.map((n) => asker.link.request(thing('k'), bytes(n), soon())))
    expect(seen).toEqual(numbers)
    const leader = await cluster.leader('troupe-realm-directory')
    await leader.kill()
    const start = Date.now()
    let back = 0
    for (let n = 0; back === 0 && Date.now() - start < 20_000; n++) {
      const outcome = await code(asker.link.claim(thing(`new${n}`)))
      if (outcome === 'none') back = Date.now() - start
    }
    expect(back).toBeGreaterThan(0)
    expect(await code(asker.link.claim(thing('k')))).toBe('CONFLICT')
    let answer = ''
    for (let tries = 0; answer !== 'after' && tries < 100; tries++) {
      answer = await asker.link.request(thing('k'), bytes('after'), soon(2_000)).then(text, () => '')
      if (answer === '') await pause(100)
    }
    expect(answer).toBe('after')
    expect(host.statuses.map(({ kind }) => kind)).not.toContain('lease-lost')
    await leader.restart()
  })
})
