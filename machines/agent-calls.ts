import type { AgentQuestion } from './agent.contract.ts'
import type { AgentContext, AgentPlan, AgentRun, OpenCall } from './agent-context.ts'
import { addMessages, boundedText } from './agent-conversation.ts'
import { order, say } from './agent-orders.ts'
import { ASK_HUMAN, type CallRefusal, refusalOf, textIn, timesBefore } from './agent-menu.ts'

/** What becomes of the tool calls of one turn, as pure changes of an agent's memory. */

// The model is told more of an error than who looks at the run needs.
const LONGEST_MESSAGE = 500

type Ending = Pick<OpenCall, 'output' | 'code'> & { readonly status: 'succeeded' | 'failed' | 'refused' | 'cancelled' }

/**
 * Begins what can be begun: as many calls as may be in flight, in their order. Each is held against the menu right before,
 * since the calls of a turn can change it for one another; what is refused has its result at once.
 */
export function beginCalls(plan: AgentPlan, context: AgentContext): AgentContext {
  const { limits, chart } = plan
  // With a chart one call decides what the next may be.
  const places = chart ? 1 : limits.parallel
  let now = context
  for (let at = 0; at < (context.run?.calls.length ?? 0); at++) {
    const run = now.run as AgentRun
    if (run.calls[at]?.status !== 'waiting') continue
    if (run.verdict || run.calls.filter((call) => isInFlight(call, chart !== null)).length >= places) break
    now = beginCall(plan, now, at)
  }
  return now
}

/** A call has its result. */
export function endCall(context: AgentContext, at: number, { status, output, code }: Ending): AgentContext {
  const call = (context.run as AgentRun).calls[at] as OpenCall
  const ended = putCall(context, at, { ...call, status, output, code, question: null })
  const { id, tool } = call
  const { step } = context.run as AgentRun
  return say(ended, { type: 'agent.returned', step, id, tool, status, code, message: messageOf({ status, output }) })
}

/** Calls that will not be made any more, and those that were cut off, have that for a result. */
export function endOpenCalls(context: AgentContext): AgentContext {
  let now = context
  for (const [at, { status, question }] of (context.run as AgentRun).calls.entries()) {
    if (status !== 'waiting' && status !== 'running' && status !== 'asking') continue
    if (question) now = { ...now, orders: [...now.orders, { do: 'forget', question: question.id }] }
    const output = 'the run ended before this call did'
    now = endCall(now, at, { status: 'cancelled', output, code: 'CANCELLED' })
  }
  return now
}

/** The results of a turn go into the conversation, one for each call, in the order of the calls. */
export function gatherResults(context: AgentContext): AgentContext {
  const run = context.run as AgentRun
  if (run.calls.length === 0) return context
  const content = run.calls.map(({ id, tool, output, status }) => {
    return { type: 'tool-result' as const, id, tool, output, failed: status !== 'succeeded' }
  })
  const ended = run.calls.map(({ id, tool, canonical: input, status, output, code, counts }) => {
    const message = messageOf({ status, output })
    return { step: run.step, id, tool, input, status: status as Ending['status'], code, message, counts }
  })
  const conversation = addMessages(context.conversation, [{ role: 'tool', content }])
  return { ...context, conversation, run: { ...run, calls: [], ended: [...run.ended, ...ended] } }
}

function beginCall(plan: AgentPlan, context: AgentContext, at: number): AgentContext {
  const run = context.run as AgentRun
  const call = run.calls[at] as OpenCall
  const { limits } = plan
  if (at >= limits.callsPerTurn) {
    const reason = `one turn may call ${limits.callsPerTurn} tools: call the others in the next`
    return refuse(context, at, { code: 'LIMIT_EXCEEDED', reason, isRepeat: false })
  }
  const refusal = refusalOf(plan, context, run, call)
  if (refusal?.isRepeat && limits.repeats !== null && timesBefore(run, call) >= limits.repeats) {
    const message = `the model called '${call.tool}' ${limits.repeats + 1} times with the same input`
    const error = { name: 'TroupeError', code: 'LIMIT_EXCEEDED' as const, message, hint: 'see limits.repeats' }
    const refused = refuse(context, at, { ...refusal, code: 'LIMIT_EXCEEDED' })
    return { ...refused, run: { ...(refused.run as AgentRun), verdict: { error, isLimit: true } } }
  }
  if (refusal) return refuse(context, at, refusal)
  if (call.tool === ASK_HUMAN) return askHuman(context, at)
  const { id, tool } = call
  const begun = putCall(context, at, { ...call, status: 'running', counts: true })
  return order(say(begun, { type: 'agent.called', step: run.step, id, tool }), { do: 'call', at, again: false })
}

function refuse(context: AgentContext, at: number, { code, reason, isRepeat }: CallRefusal): AgentContext {
  const { calls, step } = context.run as AgentRun
  const call = calls[at] as OpenCall
  const refused = putCall(context, at, { ...call, status: 'refused', output: reason, code, counts: isRepeat })
  return say(refused, { type: 'agent.refused', step, id: call.id, tool: call.tool, code, reason })
}

function askHuman(context: AgentContext, at: number): AgentContext {
  const run = context.run as AgentRun
  const call = run.calls[at] as OpenCall
  const { options } = call.input as { readonly options?: unknown }
  const choices = Array.isArray(options) ? options.filter((option) => typeof option === 'string') : []
  const question: AgentQuestion = {
    id: `${run.nonce}-${run.step}-${at}`,
    text: textIn(call.input, 'question') ?? '',
    options: choices.length === 0 ? null : choices,
  }
  const asked = putCall(context, at, { ...call, status: 'asking', counts: true, question })
  return order(say(asked, { type: 'agent.asked', question }), { do: 'expect', question: question.id })
}

// What the model is told of a call that did not succeed is its error.
function messageOf({ status, output }: Pick<OpenCall, 'status' | 'output'>): string | null {
  return status === 'succeeded' ? null : boundedText(String(output), LONGEST_MESSAGE)
}

// A question takes no place from the tools, unless its answer decides what may be called.
function isInFlight({ status }: OpenCall, hasChart: boolean): boolean {
  return status === 'running' || (hasChart && status === 'asking')
}

function putCall(context: AgentContext, at: number, call: OpenCall): AgentContext {
  const run = context.run as AgentRun
  return { ...context, run: { ...run, calls: run.calls.with(at, call) } }
}
