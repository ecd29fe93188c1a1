import { assign, setup } from 'xstate'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { type ActorDefinition, type ContractTypes, defineActor, defineContract, reply } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({
  messages: { 'desk.note': {}, 'desk.read': { reply: z.object({ notes: z.number() }) } },
})

/** A desk that is closed in version 1, and open from version 2 on. */
function desk(version: '1' | '2'): ActorDefinition<typeof contract> {
  const machine = setup({
    types: {} as ContractTypes<typeof contract> & { context: { notes: number } },
    actions: {
      note: assign({ notes: ({ context }) => context.notes + 1 }),
      read: reply(({ context }) => ({ notes: (context as { notes: number }).notes })),
    },
  }).createMachine({
    id: 'desk',
    context: { notes: 0 },
    initial: 'closed',
    on: { 'desk.read': { actions: 'read' } },
    states: {
      closed: {},
      ...(version === '2' ? { open: { on: { 'desk.note': { actions: 'note' } } } } : {}),
    } as { closed: object },
  })
  return defineActor({
    type: 'desk',
    contract,
    logic: machine,
    durability: 'durable',
    unhandled: 'stash',
    version,
    ...(version === '2'
      ? { migrate: [{ from: '1', to: '2', migrate: ({ context }) => ({ value: 'open', context }) }] }
      : {}),
  })
}

it('what an actor put away is taken by the state that a migration leads to', async () => {
  const journal = gatedJournal()
  const old = desk('1')
  const first = await openRuntime({ journal, actors: [old] })
  const ref = await first.runtime.spawn(old, { key: 'a' })
  await ref.send({ type: 'desk.note' })
  await ref.send({ type: 'desk.note' })
  expect(await ref.ask({ type: 'desk.read' })).toEqual({ notes: 0 })
  await first.runtime.stop()
  const current = desk('2')
  const { runtime } = await openRuntime({ journal, actors: [current] })
  expect(await runtime.ref(current, 'a').ask({ type: 'desk.read' })).toEqual({ notes: 2 })
})
