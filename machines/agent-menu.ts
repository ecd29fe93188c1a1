import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { AgentContext, AgentPlan, AgentRun, OpenCall } from './agent-context.ts'

/** The tool by which a model asks a human. */
export const ASK_HUMAN = 'ask_human'
/** What the name of a hand-off begins with, as models know it. */
export const HANDOFF = 'handoff_'

/** Why a call is not made, for the model and for who listens. */
export interface CallRefusal {
  readonly code: ErrorCode
  readonly reason: string
  /** True for a repetition: wanted once too often it ends the run. */
  readonly isRepeat: boolean
}

/** What the model may call now: what the agent may use, its grants cover, and its chart takes. */
export function menuOf(plan: AgentPlan, context: Pick<AgentContext, 'chart' | 'forbidden'>): readonly string[] {
  const names = [...plan.allowed, ...plan.handoffs.map((name) => HANDOFF + name)]
  if (plan.asksHuman) names.push(ASK_HUMAN)
  return names.filter((name) => !context.forbidden.includes(name) && isTaken(plan, context, name))
}

/** The event of the author's chart that a call is. */
export function eventOf(tool: string): string {
  return tool.startsWith(HANDOFF) ? `handoff.${tool.slice(HANDOFF.length)}` : `tool.${tool}`
}

/** Why a call cannot be made now; null when it can. It is asked right before each call, whatever was offered before. */
export function refusalOf(
  plan: AgentPlan,
  context: AgentContext,
  run: AgentRun,
  call: Pick<OpenCall, 'tool' | 'input' | 'canonical' | 'isJson'>,
): CallRefusal | null {
  const { tool } = call
  const menu = menuOf(plan, context)
  if (!menu.includes(tool)) return offMenu(plan, context, tool, menu)
  if (!call.isJson) return refusal('INVALID_MESSAGE', `the input of '${tool}' is not JSON: send one JSON object`)
  if (tool.startsWith(HANDOFF) && textIn(call.input, 'request') === null) {
    return refusal('INVALID_MESSAGE', `the input of '${tool}' does not meet its schema: request: a text is expected`)
  }
  if (tool === ASK_HUMAN && textIn(call.input, 'question') === null) {
    return refusal('INVALID_MESSAGE', `the input of '${tool}' does not meet its schema: question: a text is expected`)
  }
  if (plan.limits.repeats === null || timesBefore(run, call) === 0) return null
  const reason =
    `'${tool}' was called with this very input before: it was not called again. Use the result that you have, ` +
    'or do something else'
  return { ...refusal('CONFLICT', reason), isRepeat: true }
}

/** How often a call was wanted with the same input before, in this run. */
export function timesBefore(run: AgentRun, { tool, canonical }: Pick<OpenCall, 'tool' | 'canonical'>): number {
  const isSame = (other: { tool: string; counts: boolean }, input: string): boolean =>
    other.counts && other.tool === tool && input === canonical
  return (
    run.ended.filter((other) => isSame(other, other.input)).length +
    run.calls.filter((other) => isSame(other, other.canonical)).length
  )
}

/** The text in a field of an input; null where there is none. */
export function textIn(input: unknown, field: string): string | null {
  const value = typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[field] : null
  return typeof value === 'string' && value !== '' ? value : null
}

function offMenu(plan: AgentPlan, context: AgentContext, tool: string, menu: readonly string[]): CallRefusal {
  const now = menu.join(', ') || 'none: answer with what you know'
  const handoff = tool.startsWith(HANDOFF) ? tool.slice(HANDOFF.length) : null
  const isKnown = plan.tools.includes(tool) || (handoff !== null && plan.handoffs.includes(handoff))
  if (!isKnown && tool !== ASK_HUMAN) return refusal('NOT_FOUND', `there is no tool '${tool}'; tools: ${now}`)
  const isUsable = plan.allowed.includes(tool) || handoff !== null || (tool === ASK_HUMAN && plan.asksHuman)
  if (!isUsable || context.forbidden.includes(tool)) {
    return refusal('FORBIDDEN', `this agent may not call '${tool}'; tools: ${now}`)
  }
  return refusal('REJECTED', `'${tool}' cannot be called at this point; now: ${now}`)
}

function isTaken({ chart }: AgentPlan, { chart: state }: Pick<AgentContext, 'chart'>, name: string): boolean {
  return !chart || (state !== null && chart.takes(state, { type: eventOf(name) }))
}

function refusal(code: ErrorCode, reason: string): CallRefusal {
  return { code, reason, isRepeat: false }
}
