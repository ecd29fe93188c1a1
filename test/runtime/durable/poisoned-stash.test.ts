import { assign, setup } from 'xstate'
import { expect, it } from 'vitest'
import { defineActor, defineContract } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: { 'jar.put': {}, 'jar.spoil': {}, 'jar.unlock': {} } })

const logic = setup({
  types: {} as { context: { count: number } },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    spoil: assign({
      count: () => {
        throw new Error('spoilt')
      },
    }),
  },
}).createMachine({
  context: { count: 0 },
  initial: 'locked',
  states: {
    locked: { on: { 'jar.unlock': 'unlocked' } },
    unlocked: { on: { 'jar.put': { actions: 'count' }, 'jar.spoil': { actions: 'spoil' } } },
  },
} as never)

it.each([
  ['reset', 'durable'],
  ['reset', 'ephemeral'],
  ['stop', 'durable'],
] as const)(
  'a poison message among those put away, under onPoison %s of a %s actor, leaves the mailbox its capacity',
  async (onPoison, durability) => {
    const jar = defineActor({
      type: 'jar',
      contract,
      logic,
      durability,
      unhandled: 'stash',
      attempts: 1,
      mailbox: { capacity: 5 },
      supervision: { restart: 'permanent', onPoison },
    })
    const { runtime, clock } = await openRuntime({ journal: gatedJournal(), actors: [jar] })
    const ref = await runtime.spawn(jar, { key: 'j' })
    for (const type of ['jar.spoil', 'jar.put', 'jar.put', 'jar.put', 'jar.put'] as const) await ref.send({ type })
    await ref.send({ type: 'jar.unlock' })
    await clock.advance('10s')
    await runtime.idle()
    expect((await ref.state()).waiting).toBe(0)
    const sent = await Promise.allSettled(Array.from({ length: 20 }, () => ref.send({ type: 'jar.unlock' })))
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect((await ref.state()).context).toEqual({ count: 4 })
  },
)
