import { describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

describe('a durable type that is hosted only after the start', () => {
  it.each([
    ['overdue by then', '2m'],
    ['due later', '1s'],
  ] as const)('has its timers back: one %s', async (_, away) => {
    const tally = tallyActor()
    const journal = memoryJournal()
    const first = await openRuntime({ journal })
    const waiting = await first.runtime.spawn(tally, { key: 'a' })
    await waiting.send({ type: 'tally.later', by: 1 })
    await first.runtime.stop()
    const { runtime, clock } = await openRuntime({ journal })
    await clock.advance(away)
    await runtime.spawn(tally, { key: 'b' })
    await clock.advance('2m')
    expect(runtime.actors().toSorted()).toEqual(['local/tally/a', 'local/tally/b'])
    expect(await runtime.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
  })
})
