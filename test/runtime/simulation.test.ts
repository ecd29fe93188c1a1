import { describe, expect, it } from 'vitest'
import { createRuntime } from '../../runtime/index.ts'
import { createSeededRandom, createSeededScheduler, createVirtualClock } from '../../runtime/testing.ts'
import { memory } from '../../transports/memory/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'

const counter = counterActor()

describe('a virtual clock', () => {
  it('rings its alarms in the order they are due, at their time, and lets each run to its end first', async () => {
    const clock = createVirtualClock({ start: 1_000 })
    const rung: string[] = []
    const ring = (name: string) => () => {
      rung.push(`${name} ${clock.now()}`)
      void Promise.resolve().then(() => rung.push(`after ${name}`))
    }
    clock.alarm(1_030, ring('c'))
    clock.alarm(1_010, ring('a'))
    clock.alarm(1_010, ring('b'))
    clock.alarm(1_020, ring('never'))()
    expect(clock.pending).toBe(3)
    await clock.advance(20)
    expect(rung).toEqual(['a 1010', 'after a', 'b 1010', 'after b'])
    expect(clock.now()).toBe(1_020)
    await clock.setTo(5_000)
    expect(rung.slice(4)).toEqual(['c 5000', 'after c'])
    await clock.setTo(10)
    expect([clock.now(), clock.pending]).toEqual([10, 0])
  })

  it('rings what an alarm sets while it advances, if that is due too', async () => {
    const clock = createVirtualClock()
    let rung = 0
    const again = (): void => {
      if (++rung < 5) clock.alarm(clock.now() + 10, again)
    }
    clock.alarm(clock.now() + 10, again)
    await clock.advance('1s')
    expect(rung).toBe(5)
  })
})

describe('seeded randomness', () => {
  it('is the same for one seed and another for the next, within its bounds, with ids of its own', () => {
    const draw = (seed: number) => {
      const random = createSeededRandom(seed)
      return Array.from({ length: 50 }, () => random.next())
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    for (const value of draw(7)) expect(value >= 0 && value < 1).toBe(true)
    const random = createSeededRandom(1)
    const ids = Array.from({ length: 1_000 }, () => random.id())
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]+$/)
  })
})

describe('a seeded scheduler', () => {
  async function race(seed: number): Promise<string> {
    const scheduler = createSeededScheduler(seed)
    const order: string[] = []
    const local = await Promise.all(['x', 'y', 'z'].map(() => createRuntime({ scheduler })))
    await Promise.all(
      local.map(async (runtime, index) => {
        const ref = await runtime.spawn(counter, { key: 'k' })
        for (let n = 0; n < 4; n++) {
          await ref.ask({ type: 'counter.get' })
          order.push(String(index))
        }
      }),
    )
    for (const runtime of local) await runtime.stop()
    return order.join('')
  }

  it('interleaves nodes alike under one seed, and differently under others', async () => {
    expect(await race(1)).toBe(await race(1))
    const orders = new Set(await Promise.all([1, 2, 3, 4, 5, 6].map(race)))
    expect(orders.size).toBeGreaterThan(1)
  })

  it('keeps the order of one sender under every seed', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const scheduler = createSeededScheduler(seed)
      const transport = memory()
      const host = await createRuntime({ scheduler, transport, actors: [counter] })
      const client = await createRuntime({ scheduler, transport })
      const ref = await client.spawn(counter, { key: 'k' })
      for (let by = 0; by < 10; by++) void ref.send({ type: 'counter.add', by })
      expect((await ref.ask({ type: 'counter.get' })).seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      await client.stop()
      await host.stop()
    }
  })
})
