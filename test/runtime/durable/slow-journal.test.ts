import { expect, it } from 'vitest'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor({ mailbox: { capacity: 10 } })

it('what waits for a journal that hangs has a bound, and senders learn of it', async () => {
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'k' })
  journal.shut()
  const refused = new Map<unknown, number>()
  const sent: Promise<void>[] = []
  const count = 120_000
  for (let n = 0; n < count; n += 10) {
    for (let i = 0; i < 10; i++) {
      const one = ref.send({ type: 'tally.add', by: 1 })
      sent.push(one.catch(({ code }) => void refused.set(code, (refused.get(code) ?? 0) + 1)))
    }
    await runtime.idle()
  }
  journal.open()
  await Promise.all(sent)
  expect([...refused.keys()]).toEqual(['OVERLOADED'])
  const taken = count - (refused.get('OVERLOADED') ?? 0)
  expect(taken).toBeGreaterThanOrEqual(50_000)
  expect(taken).toBeLessThanOrEqual(100_010)
  expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: taken })
}, 20_000)
