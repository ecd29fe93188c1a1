import { createRuntime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { parcelActor } from './parcel-definitions.ts'

/** A parcel that cannot bear a weight below nothing. */
const fragile = parcelActor((grams) => {
  if (grams < 0) throw new Error(`${grams} g is no weight`)
  return grams
})

/** Fills a journal: one parcel waits and could not take a message, another is on its way. */
export async function parcelJournal(path: string, realm = 'local'): Promise<void> {
  const journal = sqlite(path)
  const runtime = await createRuntime({ realm, actors: [fragile], journal })
  const first = await runtime.spawn(fragile, { key: 'p-1' })
  // It is a dead letter when its sender hears of it.
  await first.send({ type: 'parcel.weigh', grams: -5 }).catch(() => {})
  await (await runtime.spawn(fragile, { key: 'p-2' })).send({ type: 'parcel.send' })
  await runtime.idle()
  await runtime.stop()
  await journal.close()
}
