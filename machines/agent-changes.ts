import type { MessageOf } from '../runtime/protocol/contract.ts'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { agentContract, AgentPrompt } from './agent.contract.ts'
import {
  type AgentContext,
  type AgentListener,
  type AgentOrder,
  type AgentPlan,
  type AgentRun,
  type DeedOutcome,
  initialRun,
  type OpenCall,
  resultOfRun,
  type TurnOutcome,
} from './agent-context.ts'
import { addMessages, boundedText, boundedValue, promptMessages, withinWindow } from './agent-conversation.ts'
import { callInput } from './agent-input.ts'
import { eventOf } from './agent-menu.ts'
import { order, say } from './agent-orders.ts'
import { agentPrint } from './agent-print.ts'
import { withEnded } from './agent-queue.ts'
import { beginCalls, endCall, endOpenCalls, gatherResults } from './agent-calls.ts'
import { addModelUsage } from './model-usage.ts'
import type { ModelMessage } from './model-request.ts'

/** What can happen to an agent, as pure changes of its memory. What is to be done about it stands in `orders`. */

type Message = MessageOf<typeof agentContract>
type Of<Type extends Message['type']> = Extract<Message, { readonly type: Type }>

const LONGEST_ERROR = 2_000

/** A prompt to run, of a message or of the input. */
export interface RunRequest {
  readonly run: string
  readonly prompt: AgentPrompt
  readonly timeout?: number | null | undefined
}

/** A run begins. */
export function begin(
  plan: AgentPlan,
  context: AgentContext,
  { run: id, prompt, timeout }: RunRequest,
  listeners: readonly AgentListener[],
): AgentContext {
  const limit = Math.min(timeout ?? plan.limits.timeout, plan.limits.timeout)
  const conversation = withinWindow(addMessages(context.conversation, promptMessages(prompt)), plan.limits.window)
  const run = initialRun({ id, print: agentPrint(prompt), timeout: limit, listeners })
  const begun = { ...context, conversation, run, orders: [] }
  return order(say(begun, { type: 'agent.started' }), { do: 'think' })
}

/** The next of the runs that wait begins. */
export function beginNext(plan: AgentPlan, context: AgentContext): AgentContext {
  const [next, ...waiting] = context.waiting
  return next ? begin(plan, { ...context, waiting }, next, next.listeners) : context
}

/** The model has spoken: it has answered, wants tools called, or could not be reached. */
export function takeTurn(plan: AgentPlan, context: AgentContext, turn: TurnOutcome): AgentContext {
  const run = addTurn(context.run as AgentRun, turn)
  const { text, wanted, error, step, model, forbidden } = turn
  const heard = { type: 'agent.thought', step, model, calls: wanted.length }
  if (error) {
    const verdict = { error, isLimit: error.code === 'BUDGET_EXCEEDED' }
    return say({ ...context, run: { ...run, verdict }, forbidden, orders: [] }, heard)
  }
  const calls = openCalls(step, wanted)
  const answered = calls.length === 0
  const shortfall = answered && turn.isCut ? 'the answer was cut at its longest' : null
  const output = answered ? turn.output : null
  const conversation = addMessages(context.conversation, spoken(text, calls))
  const spokenTo = {
    ...context,
    conversation,
    run: { ...run, calls, answered, shortfall, output },
    forbidden,
    orders: [],
  }
  const told = say(spokenTo, heard)
  return answered ? told : goOn(plan, beginCalls(plan, told))
}

/** What comes of a turn while the run is being stopped still counts. */
export function noteTurn(context: AgentContext, turn: TurnOutcome): AgentContext {
  return { ...context, run: addTurn(context.run as AgentRun, turn), orders: [] }
}

/** A tool has done what it was to do, or failed. */
export function takeDeed(plan: AgentPlan, context: AgentContext, deed: DeedOutcome): AgentContext {
  return goOn(plan, beginCalls(plan, noteDeed(plan, context, deed)))
}

/** What a tool comes to while the run is being stopped still counts. */
export function noteDeed(
  plan: AgentPlan,
  context: AgentContext,
  { at, output, code, spent }: DeedOutcome,
): AgentContext {
  const call = context.run?.calls[at]
  if (!context.run || call?.status !== 'running') return { ...context, orders: [] }
  const run = spent ? addSpent(context.run, spent) : context.run
  const noted = { ...context, run, orders: [] }
  if (code !== null) {
    const status = run.stopping && code === 'CANCELLED' ? 'cancelled' : 'failed'
    return endCall(noted, at, { status, output: boundedText(String(output), LONGEST_ERROR), code })
  }
  const told = boundedValue(output, plan.limits.result)
  return moveChart(plan, endCall(noted, at, { status: 'succeeded', output: told, code }), call, output)
}

/** A human has answered. */
export function takeAnswer(
  plan: AgentPlan,
  context: AgentContext,
  { question, text }: Of<'agent.answer'>,
  ask: string | undefined,
): AgentContext {
  const run = context.run as AgentRun
  const at = run.calls.findIndex((call) => call.question?.id === question)
  const call = run.calls[at] as OpenCall
  const forgotten = order({ ...context, orders: [] }, { do: 'forget', question })
  const heard = ask === undefined ? forgotten : order(forgotten, { do: 'answer', ask, value: { run: run.id } })
  const output = boundedText(text, plan.limits.result)
  const ended = endCall(heard, at, { status: 'succeeded', output, code: null })
  return goOn(plan, beginCalls(plan, moveChart(plan, ended, call, text)))
}

/** Nobody has answered in time: the model is told. */
export function expire(plan: AgentPlan, context: AgentContext, question: string): AgentContext {
  const at = context.run?.calls.findIndex((call) => call.question?.id === question) ?? -1
  if (at < 0) return { ...context, orders: [] }
  const output = `nobody answered within ${plan.limits.patience} ms`
  const ended = endCall({ ...context, orders: [] }, at, { status: 'failed', output, code: 'TIMEOUT' })
  return goOn(plan, beginCalls(plan, ended))
}

/** There is no such question: it was never asked, is answered, or late. */
export function refuseAnswer(
  context: AgentContext,
  { question }: Of<'agent.answer'>,
  ask: string | undefined,
): AgentContext {
  const reason = `no question '${question.slice(0, 100)}' is open: it was answered, came too late, or was never asked`
  return { ...context, orders: ask === undefined ? [] : [{ do: 'refuse', ask, reason, code: 'NOT_FOUND' }] }
}

/** The run is no longer wanted, or has had its time: what is under way is taken back. */
export function halt(context: AgentContext, code: ErrorCode, message: string): AgentContext {
  const run = context.run as AgentRun
  const verdict = { error: { name: 'TroupeError', code, message }, isLimit: code === 'TIMEOUT' }
  return { ...context, run: { ...run, verdict }, orders: [] }
}

/** Has what is under way taken back. */
export function stop(context: AgentContext): AgentContext {
  const run = context.run as AgentRun
  return order({ ...context, run: { ...run, stopping: true }, orders: [] }, { do: 'abort' })
}

/** The process was started anew: what was under way is begun again, under the names it had. */
export function resume(context: AgentContext): AgentContext {
  const { run } = context
  const idle: AgentContext = { ...context, orders: [] }
  if (!run) return idle
  if (run.stopping) return order(idle, { do: 'abort' })
  if (run.calls.length === 0) return order(idle, { do: 'think' })
  return run.calls.reduce(
    (all, { status }, at) => (status === 'running' ? order(all, { do: 'call', at, again: true }) : all),
    idle,
  )
}

/** The run is over: who waits for it is told what it came to. */
export function conclude(plan: AgentPlan, context: AgentContext): AgentContext {
  const closed = gatherResults(endOpenCalls({ ...context, orders: [] }))
  const run = closed.run as AgentRun
  const last = resultOfRun(run)
  const told = say(closed, { type: 'agent.ended', status: last.status, reason: last.reason })
  const orders: AgentOrder[] = [...told.orders, { do: 'finish', run: run.id }]
  for (const { ask } of run.listeners) orders.push({ do: 'answer', ask, value: last })
  const conversation = withinWindow(told.conversation, plan.limits.window)
  return { ...told, conversation, run: null, last, ran: withEnded(context, run), orders }
}

// When all calls of the turn have a result, the model is asked again: with one for each, as often as it may be.
function goOn(plan: AgentPlan, context: AgentContext): AgentContext {
  const run = context.run as AgentRun
  const isOpen = run.calls.some(({ status }) => status === 'waiting' || status === 'running' || status === 'asking')
  if (run.verdict || isOpen) return context
  const { steps, window } = plan.limits
  if (run.step >= steps) {
    const message = `the model did not answer within ${steps} ${steps === 1 ? 'turn' : 'turns'}`
    const error = {
      name: 'TroupeError',
      code: 'LIMIT_EXCEEDED' as const,
      message,
      hint: 'raise limits.steps, or ask less',
    }
    return { ...context, run: { ...run, verdict: { error, isLimit: true } } }
  }
  const gathered = gatherResults(context)
  const conversation = withinWindow(gathered.conversation, window)
  const next = { ...(gathered.run as AgentRun), step: run.step + 1 }
  return order({ ...gathered, conversation, run: next }, { do: 'think' })
}

// A call that succeeded is an event of the author's chart.
function moveChart(plan: AgentPlan, context: AgentContext, { tool, input }: OpenCall, output: unknown): AgentContext {
  if (!plan.chart || !context.chart) return context
  return { ...context, chart: plan.chart.next(context.chart, { type: eventOf(tool), input, output }) }
}

function addSpent(run: AgentRun, { usage, costNanoUsd, attempts }: NonNullable<DeedOutcome['spent']>): AgentRun {
  return {
    ...run,
    usage: addModelUsage(run.usage, usage),
    costNanoUsd: run.costNanoUsd + costNanoUsd,
    attempts: run.attempts + attempts,
  }
}

function addTurn(run: AgentRun, turn: TurnOutcome): AgentRun {
  const { text, model, degradations } = turn
  return {
    ...addSpent(run, turn),
    text: text === '' ? run.text : text,
    models: model === null || run.models.includes(model) ? run.models : [...run.models, model],
    degradations: [...new Set([...run.degradations, ...degradations])],
    nonce: turn.nonce,
  }
}

// Some servers give calls no id, or the same to several.
function openCalls(step: number, wanted: TurnOutcome['wanted']): OpenCall[] {
  const ids = new Set<string>()
  return wanted.map(({ id: given, tool, input }, at) => {
    const id = given === '' || ids.has(given) ? `call_${step}_${at}` : given
    ids.add(id)
    return { ...callInput(input), id, tool, status: 'waiting', question: null, counts: false, output: null, code: null }
  })
}

function spoken(text: string, calls: readonly OpenCall[]): ModelMessage[] {
  if (calls.length === 0) return text === '' ? [] : [{ role: 'assistant', content: text }]
  const content = [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...calls.map(({ id, tool, input }) => ({ type: 'tool-call' as const, id, tool, input })),
  ]
  return [{ role: 'assistant', content }]
}
