import { expect, it } from 'vitest'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import type { JournalLog } from '../../transports/nats/journal-log.ts'
import { createJournalOwnership } from '../../transports/nats/journal-ownership.ts'

/** A log of one shard in memory; an append whose turn is in `mute` is written, and not acknowledged. */
function silentLog(mute: readonly number[]): JournalLog {
  const messages: Uint8Array[] = []
  let turns = 0
  return {
    stream: 'stream',
    most: 1_000,
    async append(_, [payload], expected) {
      turns++
      if (messages.length !== expected || !payload) return { standing: messages.length }
      messages.push(payload)
      if (mute.includes(turns)) throw new TroupeError('STORAGE', 'no answer')
      return { first: messages.length, last: messages.length }
    },
    async last() {
      const data = messages.at(-1)
      return data ? { sequence: messages.length, data } : null
    },
    async scan(subject, from, hear) {
      for (const [at, data] of messages.entries()) if (at + 1 >= from) hear({ subject, sequence: at + 1, data })
      return messages.length + 1
    },
    segment: async () => undefined,
    purge: async () => {},
  }
}

it('a fence in doubt does not keep its own maker from coming back, however often it happens', async () => {
  const ownership = createJournalOwnership(silentLog([2, 3]), 1_000)
  const { epoch } = await ownership.begin('subject', 's', undefined)
  await expect(ownership.begin('subject', 's', epoch)).rejects.toMatchObject({ code: 'STORAGE' })
  await expect(ownership.begin('subject', 's', epoch)).rejects.toMatchObject({ code: 'STORAGE' })
  const back = await ownership.begin('subject', 's', epoch)
  expect(back.epoch).toBeGreaterThan(epoch + 2)
  // That one stands: who comes back with the epoch of before is late.
  await expect(ownership.begin('subject', 's', epoch)).rejects.toMatchObject({ code: 'CONFLICT' })
})

it('a fence in doubt keeps another from coming back', async () => {
  const log = silentLog([2])
  const [here, elsewhere] = [createJournalOwnership(log, 1_000), createJournalOwnership(log, 1_000)]
  const { epoch } = await here.begin('subject', 's', undefined)
  await expect(elsewhere.begin('subject', 's', epoch)).rejects.toMatchObject({ code: 'STORAGE' })
  await expect(here.begin('subject', 's', epoch)).rejects.toMatchObject({ code: 'CONFLICT' })
})

it('who comes back to a log that is gone is told so, and does not go on with nothing', async () => {
  const ownership = createJournalOwnership(silentLog([]), 1_000)
  const refusal = { code: 'STORAGE', where: 's', message: expect.stringContaining('not in stream any more') }
  await expect(ownership.begin('subject', 's', 7)).rejects.toMatchObject(refusal)
})
