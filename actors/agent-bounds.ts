import type { AgentLimits } from '../machines/agent-context.ts'
import type { BudgetLimit } from '../machines/budget-amount.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'

/** What bounds each run of an agent. */
export interface AgentBounds {
  /** Turns of the model. Default 20. */
  readonly steps?: number
  /** Tool calls in flight; the others of a turn wait. Default 4. */
  readonly parallel?: number
  /** Tool calls that one turn may want. Default 64. */
  readonly callsPerTurn?: number
  /** The names of the tools that it may use. Default: all that it is given. */
  readonly tools?: readonly string[]
  /**
   * How often one call may be wanted with the same input: it is made once, then the model is told that it was made, then
   * the run ends with LIMIT_EXCEEDED. Default 2; false has every call made.
   */
  readonly repeats?: number | false
  /** Tokens of all model calls. Default: as many as the budget has. */
  readonly tokens?: number
  /** What the model calls may cost. Default: as much as the budget has. */
  readonly costUsd?: number
  /** How long it may take. Default 10 minutes, and as long as a question may be open where it may ask one. */
  readonly timeout?: Duration
  /** Tokens of conversation that are kept. Default 64 000. */
  readonly window?: number
  /** Characters of one tool's result that the model gets. Default 16 000. */
  readonly result?: number
}

const NAMES = [
  'steps',
  'parallel',
  'callsPerTurn',
  'tools',
  'repeats',
  'tokens',
  'costUsd',
  'timeout',
  'window',
  'result',
]
const MANY = 1_000_000_000

/** The limits of an agent, and what one of its runs may spend. Throws INVALID_MESSAGE, naming the field. */
export function agentLimits(
  bounds: AgentBounds,
  patience: number | null,
  where: string,
): { readonly limits: AgentLimits; readonly budget: BudgetLimit | null } {
  const fields = policyFields(bounds, where, NAMES)
  const whole = (name: string, fallback: number, most = MANY): number =>
    fields.number(name, { from: 1, to: most, whole: true }, fallback)
  const limits: AgentLimits = {
    steps: whole('steps', 20, 10_000),
    parallel: whole('parallel', 4, 1_000),
    callsPerTurn: whole('callsPerTurn', 64, 1_000),
    repeats: bounds.repeats === false ? null : whole('repeats', 2),
    timeout: fields.duration('timeout', { from: 1, to: YEAR }, Math.min(YEAR, 600_000 + (patience ?? 0))),
    patience: patience ?? 0,
    window: whole('window', 64_000),
    result: whole('result', 16_000),
  }
  const { tokens, costUsd } = bounds
  if (tokens === undefined && costUsd === undefined) return { limits, budget: null }
  const budget: BudgetLimit = {
    ...(tokens === undefined ? {} : { tokens: whole('tokens', tokens, Number.MAX_SAFE_INTEGER) }),
    ...(costUsd === undefined ? {} : { costUsd: fields.number('costUsd', { from: 0, to: 9_000_000 }, costUsd) }),
  }
  return { limits, budget }
}
