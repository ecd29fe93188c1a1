import { z } from 'zod'
import { TroupeError } from '../runtime/protocol/errors.ts'

/** How far the tool calls of one run may go. */
export const toolBounds = z.strictObject({
  /** Turns in which a model may call tools. */
  steps: z.number().int().positive().default(20),
  /** Calls that are under way at once in one turn. */
  inFlight: z.number().int().positive().default(8),
  /** How often one call may be made with the same input. */
  repeats: z.number().int().positive().default(2),
})

/** What has been called in a run so far, as JSON. */
export interface ToolRunState {
  readonly steps: number
  /** How often each call was made, by its fingerprint. */
  readonly made: Readonly<Record<string, number>>
}

/** How far the tool calls of one run may go. */
export type ToolBounds = z.output<typeof toolBounds>

/** A run in which nothing was called. */
export const FRESH_TOOL_RUN: ToolRunState = { steps: 0, made: {} }

/**
 * The run after another turn, and which of its calls may be made: those that were not made so often before with the same
 * input. Throws LIMIT_EXCEEDED when there were as many turns as there may be.
 */
export function nextToolTurn(
  run: ToolRunState,
  bounds: ToolBounds,
  fingerprints: readonly string[],
): { readonly run: ToolRunState; readonly allowed: readonly boolean[] } {
  if (run.steps >= bounds.steps) {
    throw new TroupeError('LIMIT_EXCEEDED', `tools were called in ${run.steps} turns, which is all there may be`, {
      where: 'steps',
      hint: 'end the run with what is there, or allow it more steps',
      data: { steps: run.steps },
    })
  }
  const made: Record<string, number> = { ...run.made }
  const allowed = fingerprints.map((fingerprint) => {
    const times = made[fingerprint] ?? 0
    if (times >= bounds.repeats) return false
    made[fingerprint] = times + 1
    return true
  })
  return { run: { steps: run.steps + 1, made }, allowed }
}
