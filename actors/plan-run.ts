import type { Plan } from '../machines/plan-rules.contract.ts'
import type { ToolCallOutput } from '../machines/tool-call.contract.ts'
import { errorValue, isTroupeError } from '../runtime/protocol/errors.ts'
import type { ToolCallRequest, ToolsClient } from './tools-client.ts'

/** What came of a plan. */
export interface PlanResult extends Omit<ToolCallOutput, 'status'> {
  /** `degraded` when a fallback did it. */
  readonly status: 'succeeded' | 'degraded' | 'failed' | 'cancelled'
  readonly plan: Plan
}

/**
 * Carries out a plan: its tool, then, only after failures that may pass, its fallbacks. Rejects for no failure: how it
 * ended, and every attempt, stands in the result.
 */
export async function runPlan(
  client: Pick<ToolsClient, 'attempt'>,
  plan: Plan,
  input: unknown,
  request: Omit<ToolCallRequest, 'fallbacks'> = {},
): Promise<PlanResult> {
  const { tool, options, fallbacks } = plan
  try {
    const output = await client.attempt([{ tool, options }, ...fallbacks], input, request)
    const isFirst = output.attempts.at(-1)?.tool === output.attempts[0]?.tool
    const status = output.status === 'failed' ? 'failed' : isFirst ? 'succeeded' : 'degraded'
    return { ...output, status, plan }
  } catch (thrown) {
    const status = isTroupeError(thrown, 'CANCELLED') ? 'cancelled' : 'failed'
    return { status, plan, tool, value: null, error: { ...errorValue(thrown, 'CRASHED') }, attempts: [] }
  }
}
