import { describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

describe('a message that its mailbox refuses', () => {
  it.each([
    ['a durable actor', {}],
    ['an actor that rejects what it does not handle', { durability: 'ephemeral', unhandled: 'reject' }],
  ] as const)('is a dead letter: of %s', async (_, options) => {
    const tally = tallyActor({ ...options, mailbox: { capacity: 1 } })
    const { runtime } = await openRuntime({ journal: memoryJournal(), actors: [tally] })
    const ref = await runtime.spawn(tally, { key: 'a' })
    const sent = [1, 2, 3].map((by) => ref.send({ type: 'tally.add', by }))
    const stray = ref.send({ type: 'tally.stray' } as never)
    await sent[0]
    await expect(sent[2]).rejects.toMatchObject({ code: 'OVERLOADED' })
    await expect(stray).rejects.toMatchObject({ code: 'UNKNOWN_MESSAGE' })
    const letters = runtime.deadLetters.list().map(({ event, error }) => [event, error.code])
    expect(letters).toEqual([
      [{ type: 'tally.add', by: 2 }, 'OVERLOADED'],
      [{ type: 'tally.add', by: 3 }, 'OVERLOADED'],
      [{ type: 'tally.stray' }, 'UNKNOWN_MESSAGE'],
    ])
  })
})
