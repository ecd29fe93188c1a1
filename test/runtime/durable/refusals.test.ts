import { expect, it } from 'vitest'
import { TroupeError } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()
type Message = { readonly type: 'tally.break' | 'tally.close' } | { readonly type: 'tally.add'; readonly by: number }

/** How a message becomes a dead letter: what is sent, all at once, and the policies under which the last of it is refused. */
const REFUSED: readonly (readonly [string, readonly Message[], Parameters<typeof tallyActor>[0]])[] = [
  ['an actor failed on a message', [{ type: 'tally.break' }], {}],
  ['an actor had ended before a message', [{ type: 'tally.close' }, { type: 'tally.add', by: 1 }], {}],
  [
    'a mailbox had no room for a message',
    [1, 2, 3].map((by) => ({ type: 'tally.add', by })),
    { mailbox: { capacity: 2, overflow: 'drop-newest' } },
  ],
]

it.each(REFUSED)('nobody learns that %s before its dead letter is durable', async (_, messages, policies) => {
  const journal = gatedJournal()
  const actor = tallyActor(policies)
  const { runtime } = await openRuntime({ journal, actors: [actor] })
  const ref = await runtime.spawn(actor, { key: 'a' })
  journal.shut()
  let refused = false
  const outcomes = messages.map((message) => ref.send(message))
  const last = outcomes.at(-1)?.catch(() => {
    refused = true
  })
  await runtime.idle()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(refused).toBe(false)
  journal.open()
  await last
  expect(refused).toBe(true)
  expect(await runtime.deadLetters.kept()).toMatchObject([{ event: messages.at(-1) }])
})

it('who sent a message that an actor failed on hears STORAGE when its dead letter could not be kept', async () => {
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'a' })
  journal.failNext(new TroupeError('STORAGE', 'the disk is full'))
  await expect(ref.send({ type: 'tally.break' })).rejects.toMatchObject({ code: 'STORAGE' })
})
