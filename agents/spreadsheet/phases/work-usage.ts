import { z } from 'zod'

const count = z.int().min(0)

/** What the models took for a piece of work. Money in nano-USD, so that sums are exact. */
export const workUsageSchema = z.object({
  inputTokens: count,
  outputTokens: count,
  costNanoUsd: count,
  /** Requests that were made, failed ones and repeated ones included. */
  calls: count,
  /** The models that these requests went to, as `provider/model`. */
  models: z.array(z.string()).readonly().default([]),
})

/** What the models took for a piece of work. */
export type WorkUsage = z.infer<typeof workUsageSchema>

/** Nothing was asked of a model. */
export const noWork: WorkUsage = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0, calls: 0, models: [] }

/** All of them together. */
export function addWork(...parts: readonly WorkUsage[]): WorkUsage {
  return parts.reduce(
    (sum, part) => ({
      inputTokens: sum.inputTokens + part.inputTokens,
      outputTokens: sum.outputTokens + part.outputTokens,
      costNanoUsd: sum.costNanoUsd + part.costNanoUsd,
      calls: sum.calls + part.calls,
      models: [...new Set([...sum.models, ...part.models])],
    }),
    noWork,
  )
}
