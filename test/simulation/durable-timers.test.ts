import { createRuntime } from 'troupe'
import { createVirtualClock, EVERY_FAULT, explore, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { alarmActor } from './single-timer-actor.ts'
import { journalContents } from './journal-contents.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createTimerDues } from './timer-dues.ts'

const KEYS = ['a', 'b', 'c', 'd']
const LONGEST = 120_000

async function alarms(world: Simulation): Promise<number> {
  const alarm = alarmActor('durable')
  const dues = createTimerDues()
  const journal = memoryJournal()
  const options = { journal: dues.watched(journal), actors: [alarm], inspect: dues.observe }
  const node = world.node('node', options)
  const wanted = new Map<string, 'waiting' | 'idle' | 'unknown'>()

  async function use(key: string): Promise<void> {
    await persistently(world, () => node.call((runtime) => runtime.spawn(alarm, { key })))
    for (let turn = 0; turn < 3; turn++) {
      const message = turn === 1 ? { type: 'alarm.cancel' as const } : setting(world)
      if (turn === 1 && world.random.next() < 0.5) return
      wanted.set(key, 'unknown')
      const sent = node.call((runtime) => runtime.ref(alarm, key).send(message))
      const acknowledged = await sent.then(
        () => true,
        () => false,
      )
      if (!acknowledged) return
      wanted.set(key, turn === 1 ? 'idle' : 'waiting')
      await world.pass(world.random.next() * 40_000)
    }
  }

  await world.run(() => Promise.all(KEYS.map(use)))
  await world.settle()
  const { records } = await journalContents(journal)
  for (const key of KEYS) {
    const { value, context } = records.get(`local/alarm/${key}`)?.snapshot ?? {}
    const { rung } = context as { rung: number }
    const mayBe = wanted.get(key) === 'waiting' ? ['rung'] : ['rung', 'idle', undefined]
    expect(mayBe, `${key} was set, and its time has come`).toContain(value)
    expect(rung, 'a timer fires once').toBe(value === 'rung' ? 1 : 0)
  }
  expect(dues.early).toEqual([])
  return dues.fired
}

function setting(world: Simulation): { readonly type: 'alarm.set'; readonly after: number } {
  return { type: 'alarm.set', after: Math.floor(world.random.next() * LONGEST) }
}

describe('timers', () => {
  it('of durable actors fire once and not before they are due, whatever dies and however clocks jump', async () => {
    let fired = 0
    const { seeds } = await explore(
      { seeds: seedCount(0.15), faults: { ...EVERY_FAULT, clockJump: 0.1 } },
      async (world) => void (fired += await alarms(world)),
    )
    expect(fired).toBeGreaterThan(seeds)
  })

  it('of ephemeral actors are lost with their process', async () => {
    const alarm = alarmActor('ephemeral')
    const clock = createVirtualClock()
    const first = await createRuntime({ clock, actors: [alarm] })
    const ref = await first.spawn(alarm, { key: 'a' })
    await ref.send({ type: 'alarm.set', after: 1_000 })
    await first.stop()
    const second = await createRuntime({ clock, actors: [alarm] })
    await clock.advance('1h')
    expect(second.actors()).toEqual([])
    await second.stop()
  })
})
