import type { Journal } from '../../runtime/ports/journal.ts'
import type { ActorRecord, DeadLetterRecord } from '../../runtime/protocol/record.ts'

/** What a journal holds at the end of a scenario. */
export interface JournalContents {
  readonly records: ReadonlyMap<string, ActorRecord>
  readonly letters: readonly DeadLetterRecord[]
}

/** Reads a whole journal of the realm `local`. */
export async function journalContents(journal: Journal): Promise<JournalContents> {
  const view = await journal.view('local')
  const records = new Map<string, ActorRecord>()
  const letters: DeadLetterRecord[] = []
  for await (const record of view.records()) records.set(record.address, record)
  for await (const letter of view.letters()) letters.push(letter)
  return { records, letters }
}
