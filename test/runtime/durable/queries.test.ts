import { beforeEach, expect, it } from 'vitest'
import type { Ref, Runtime } from '../../../runtime/index.ts'
import type { VirtualClock } from '../../../runtime/testing.ts'
import { type GatedJournal, gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor, type tallyContract } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor({ restAfter: '10s' })

type Asked = (ref: Ref<typeof tallyContract>, runtime: Runtime) => Promise<unknown>

const queries: [string, Asked][] = [
  ['state', (ref) => ref.state()],
  ['result', (ref) => ref.result({ timeout: '1s' })],
  ['stop', (ref) => ref.stop()],
  ['waitFor', (ref) => ref.waitFor({ status: 'done' }, { timeout: '1s' })],
  ['reset', (ref, runtime) => runtime.reset(ref.address)],
]

let journal: GatedJournal
let runtime: Runtime
let clock: VirtualClock
let ref: Ref<typeof tallyContract>

beforeEach(async () => {
  journal = gatedJournal()
  ;({ runtime, clock } = await openRuntime({ journal, actors: [tally] }))
  ref = await runtime.spawn(tally, { key: 'k' })
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const codeOf = async (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'answered',
    (error: { readonly code: string }) => error.code,
  )

it.each(queries)('%s of an actor whose shard is lost meanwhile says so, and the actor lives', async (_, ask) => {
  journal.shut()
  const sent = codeOf(ref.send({ type: 'tally.add', by: 1 }))
  await turn()
  const answer = codeOf(ask(ref, runtime))
  journal.failNext(new Error('no room'))
  journal.open()
  expect(await answer).toBe('UNAVAILABLE')
  expect(await sent).toBe('STORAGE')
  await clock.advance('1s')
  expect((await ref.state()).status).toBe('active')
})

// Something else of the shard is being written when the look for rest comes: the rest waits for that append, as the query does.
async function onItsWayToRest(): Promise<void> {
  const other = await runtime.spawn(tally, { key: 'other' })
  await clock.advance('25s')
  journal.shut()
  void other.send({ type: 'tally.add', by: 1 })
  await turn()
  await clock.advance('6s')
}

it('who rests while its state is asked for is found all the same', async () => {
  await onItsWayToRest()
  const view = ref.state()
  await turn()
  journal.open()
  expect((await view).status).toBe('active')
})

it('who rests while it is stopped has ended', async () => {
  await onItsWayToRest()
  const stopped = ref.stop()
  await turn()
  journal.open()
  await stopped
  expect((await ref.state()).status).toBe('stopped')
})

it('who rests while its result is waited for is waited for', async () => {
  await onItsWayToRest()
  const result = ref.result({ timeout: '1m' })
  await turn()
  journal.open()
  await turn()
  await ref.send({ type: 'tally.close' })
  expect(await result).toEqual({ total: 0 })
})
