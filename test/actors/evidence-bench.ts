import { z } from 'zod'
import { createEvidence, type EvidenceRunOptions } from '../../actors/evidence-client.ts'
import type { Replicate } from '../../actors/evidence-replicate.ts'
import { defineEvidence, type EvidenceOptions } from '../../actors/evidence.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

/** The form of an answer. */
export const schema = z.object({ total: z.number(), currency: z.enum(['EUR', 'USD']) })
/** So many tokens in. */
export const usage = (tokens: number) => ({
  inputTokens: { total: tokens, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, reasoning: 0 },
})
/** An answer. */
export const total = (amount: number, currency = 'EUR') => ({ data: { total: amount, currency } })

/** Replicates that answer what is listed, in order; what is listed as an error is thrown. */
export function answers(...list: readonly unknown[]) {
  const asked: number[] = []
  const replicate: Replicate = async (index) => {
    asked.push(index)
    const answer = list[index]
    if (answer instanceof Error) throw answer
    return answer as { data: unknown }
  }
  return { asked, replicate }
}

/** A replicate that answers nothing until it is called back. */
export const hangs: Replicate = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

/** A client of evidence on a virtual clock. */
export async function open(options: EvidenceOptions) {
  const world = await openRuntime()
  const definition = defineEvidence('totals', options)
  return { ...world, definition, client: createEvidence(world.runtime, definition) }
}

/** One bundle. */
export const run = async (options: EvidenceOptions, given: EvidenceRunOptions = {}) =>
  (await open(options)).client.run('how much?', given)
