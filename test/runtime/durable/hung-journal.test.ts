import { expect, it } from 'vitest'
import type { InspectionRecord, Journal, ShardJournal } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()
const never = new Promise<never>(() => {})

// A disk that does not answer any more, as a mounted one may.
function hanging(changes: (shard: ShardJournal) => Partial<ShardJournal>): Journal {
  const inner = memoryJournal()
  return {
    ...inner,
    async own(realm, name) {
      const shard = await inner.own(realm, name)
      return { ...shard, ...changes(shard) }
    },
  }
}

async function stopping(journal: Journal) {
  const records: InspectionRecord[] = []
  const opened = await openRuntime({ journal, actors: [tally], inspect: (record) => records.push(record) })
  const reasons = (): unknown[] =>
    records.flatMap((record) => (record.kind === 'shard' && record.state === 'lost' ? [record.error?.message] : []))
  return { ...opened, reasons }
}

it('a runtime stops in time when the journal does not answer, and says that it did not', async () => {
  let hangs = false
  const journal = hanging(({ append }) => ({ append: (batch) => (hangs ? never : append(batch)) }))
  const { runtime, clock, reasons } = await stopping(journal)
  const ref = await runtime.spawn(tally, { key: 'k' })
  hangs = true
  const sent = ref.send({ type: 'tally.add', by: 1 })
  await runtime.idle()
  const stopped = runtime.stop({ drain: '3s' })
  await clock.advance('3s')
  await stopped
  expect(reasons()).toEqual(['the journal did not acknowledge what was written before the runtime had to stop'])
  await expect(sent).rejects.toMatchObject({ code: 'STORAGE' })
})

it('a journal that is only slow has a moment even without time to drain', async () => {
  let pass = (): void => {}
  let isSlow = false
  const slow = new Promise<void>((resolve) => {
    pass = resolve
  })
  const journal = hanging(({ append }) => ({
    async append(batch) {
      if (isSlow) await slow
      return append(batch)
    },
  }))
  const { runtime, clock, reasons } = await stopping(journal)
  const ref = await runtime.spawn(tally, { key: 'k' })
  isSlow = true
  const sent = ref.send({ type: 'tally.add', by: 1 })
  await runtime.idle()
  const stopped = runtime.stop({ drain: 0 })
  await clock.advance(500)
  pass()
  await Promise.all([sent, stopped])
  expect(reasons()).toEqual([])
})

it('a runtime stops in time when the shard cannot be given back', async () => {
  const { runtime, clock, reasons } = await stopping(hanging(() => ({ release: () => never })))
  await runtime.spawn(tally, { key: 'k' })
  const stopped = runtime.stop({ drain: 0 })
  await clock.advance('2s')
  await stopped
  expect(reasons()).toEqual(['the journal did not give the shard back before the runtime had to stop'])
})
