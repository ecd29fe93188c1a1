import { setup } from 'xstate'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineActor, defineContract } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: { 'mute.ask': { reply: z.string() } } })
const note = setup({ actions: { note: () => {} } })

it.each([
  ['put away', note.createMachine({})],
  ['taken and never answered', note.createMachine({ on: { 'mute.ask': { actions: 'note' } } })],
])('an ask that was %s keeps its actor in memory until it is given up, and no longer', async (_, logic) => {
  const options = { durability: 'durable', unhandled: 'stash', restAfter: '1m' } as const
  const mute = defineActor({ type: 'mute', contract, logic: logic as never, ...options })
  const { runtime, clock } = await openRuntime({ journal: gatedJournal(), actors: [mute] })
  const ref = await runtime.spawn(mute, { key: 'm' })
  const answer = ref.ask({ type: 'mute.ask' }, { timeout: '5m' }).catch((error: unknown) => error)
  await clock.advance('4m')
  await runtime.idle()
  expect(runtime.actors()).toEqual(['local/mute/m'])
  await clock.advance('2m')
  expect(await answer).toMatchObject({ code: 'TIMEOUT' })
  await clock.advance('1m')
  await runtime.idle()
  expect(runtime.actors()).toEqual([])
})
