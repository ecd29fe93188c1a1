import { deepStrictEqual } from 'node:assert/strict'
import { createRuntime } from '../../../runtime/index.ts'
import type { Durability, Probe } from '../bench-case.ts'
import { latency } from '../latency.ts'
import { durableJournal } from './durable-journal.ts'
import { tally } from './durable-counter.ts'

/** Troupe: milliseconds within which that share of the messages to one durable actor is acknowledged, sent one by one. */
export async function durableLatency(durability: Durability, share: number): Promise<Probe> {
  const runtime = await createRuntime({ journal: durableJournal(durability), actors: [tally] })
  const ref = await runtime.spawn(tally, { input: { due: null } })
  const add = () => ref.send({ type: 'tally.add' })
  return {
    check: async () => {
      await add()
      deepStrictEqual((await ref.state()).context, { count: 1, due: -1 })
    },
    sample: () => latency(share, add),
  }
}
