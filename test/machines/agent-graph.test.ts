import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, assign, fromCallback, getInitialSnapshot, setup } from 'xstate'
import { agentChart } from '../../machines/agent-chart.ts'
import { takeDeed } from '../../machines/agent-changes.ts'
import type { AgentContext, AgentPlan, DeedOutcome, TurnOutcome } from '../../machines/agent-context.ts'
import { agentContract } from '../../machines/agent.contract.ts'
import { agentMachine } from '../../machines/agent.machine.ts'
import { menuOf } from '../../machines/agent-menu.ts'
import type { MessagePart } from '../../machines/model-request.ts'
import { NO_USAGE } from '../../machines/model-usage.ts'
import type { MessageEvent } from '../../runtime/index.ts'
import { machineGraph } from './machine-graph.ts'

const limits = {
  steps: 2,
  parallel: 2,
  callsPerTurn: 5,
  repeats: 2,
  timeout: 1_000,
  patience: 100,
  window: 10_000,
  result: 100,
}
const plan: AgentPlan = {
  name: 'agent',
  tools: ['a', 'b', 'c', 'd'],
  allowed: ['a', 'b', 'd'],
  handoffs: [],
  asksHuman: true,
  limits,
  chart: null,
}
const brief: AgentPlan = { ...plan, limits: { ...limits, steps: 1 } }
// First `a`, then `b`, then nothing.
const inTurn: AgentPlan = {
  ...plan,
  chart: agentChart(
    setup({}).createMachine({
      initial: 'first',
      states: { first: { on: { 'tool.a': 'second' } }, second: { on: { 'tool.b': 'third' } }, third: {} },
    }),
    'chart',
  ),
}

const contextOf = (state: AnyMachineSnapshot) => state.context as AgentContext
const valueOf = (state: AnyMachineSnapshot) =>
  typeof state.value === 'string' ? state.value : `${Object.values(state.value as object)[0]}`
const errorOf = (code: 'BUDGET_EXCEEDED' | 'UNAVAILABLE') => ({ name: 'TroupeError', code, message: 'no' }) as const

function turnOf(step: number, wanted: readonly string[], more: Partial<TurnOutcome> = {}): MessageEvent {
  const calls = wanted.map((tool, at) => ({ id: `${step}.${at}`, tool, input: '{"question":"?"}' }))
  const facts = {
    usage: NO_USAGE,
    costNanoUsd: 1,
    attempts: 1,
    degradations: [],
    forbidden: ['b'],
    nonce: 'n',
    error: null,
  }
  const told = { run: 'r', step, text: wanted.length === 0 ? 'yes' : '', output: null, isCut: false, model: 'm' }
  return { type: 'turn.ended', ...told, ...facts, wanted: calls, ...more }
}

// Of what the model may want there is one of each sort: nothing, one, more than may be in flight, what it may not have.
const WANTED = [[], ['a', 'a', 'x'], ['a', 'b', 'ask_human'], ['b', 'c'], ['b', 'd', 'a', 'a', 'a']]

function eventsOf(state: AnyMachineSnapshot): readonly MessageEvent[] {
  const { run } = contextOf(state)
  const step = run?.step ?? 1
  const open = run?.calls ?? []
  const other =
    state.matches('idle') && contextOf(state).last ? [] : [{ type: 'agent.run', run: 'r', prompt: 'go', stream: false }]
  return [
    ...other,
    { type: 'agent.run', run: 'other', prompt: 'go', stream: false },
    ...(state.matches({ working: 'thinking' })
      ? [
          ...WANTED.map((wanted) => turnOf(step, wanted, { forbidden: [] })),
          turnOf(step, ['b', 'a']),
          turnOf(step, [], { error: errorOf('BUDGET_EXCEEDED') }),
          turnOf(step, [], { error: errorOf('UNAVAILABLE') }),
        ]
      : []),
    // What was said of a turn that is over may come late, or twice.
    turnOf(step - 1, ['a']),
    ...open.flatMap((_, at) => [deedOf(step, at, null), deedOf(step, at, 'TOOL_FAILED')]),
    deedOf(step - 1, 0, null),
    ...open.flatMap(({ question }) => [
      { type: 'agent.answer', question: question?.id ?? 'forged', text: 'blue' },
      { type: 'question.late', question: question?.id ?? 'forged' },
    ]),
    { type: 'agent.cancel', reason: 'enough' },
    { type: 'xstate.after.deadline.agent.working' },
    { type: 'run.stopped', run: 'r' },
    { type: 'xstate.after.stoppingTime.agent.stopping' },
    { type: 'troupe.resumed' },
  ]
}

function deedOf(step: number, at: number, code: string | null): MessageEvent & DeedOutcome {
  return { type: 'call.ended', run: 'r', step, at, output: 1, code, spent: null }
}

function explore(machine: AnyStateMachine) {
  const provided = machine.provide({ actors: { runner: fromCallback(() => {}) } as never })
  const input = agentContract.spec.input.parse({})
  return machineGraph(provided, {
    from: getInitialSnapshot(provided, input as never),
    // One run is enough: after it the agent is where it was, with a longer conversation.
    events: (state) => (contextOf(state).last ? [] : eventsOf(state)),
    key: (state) => {
      const { run, last, chart, forbidden, orders } = contextOf(state)
      const calls = run?.calls.map(({ tool, status, counts }) => [tool, status, counts])
      // Of what is over only that matters which bears on what may come.
      const ended = new Set(run?.ended.map(({ tool, status, counts }) => `${tool} ${status === 'succeeded'} ${counts}`))
      const what = orders.filter((order) => order.do === 'call' || order.do === 'think').map((order) => order.do)
      const ends = [run?.verdict?.error.code, run?.answered, run?.stopping, last?.status]
      return JSON.stringify([state.value, run?.step, calls, [...ended].sort(), ends, chart?.value, forbidden, what])
    },
  })
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine, given: AgentPlan): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { run, last, orders } = contextOf(state)
    const where = valueOf(state)
    const count = (status: string) => run?.calls.filter((call) => call.status === status).length ?? 0
    if (count('running') > (given.chart ? 1 : limits.parallel)) found.add('more tools are in flight than may be')
    if ((run?.step ?? 0) > limits.steps || (last?.steps ?? 0) > limits.steps)
      found.add('the model has more turns than it may')
    if (where === 'thinking' && run?.calls.length !== 0) found.add('the model thinks while calls are open')
    if (where === 'acting' && count('running') === 0) found.add('it acts and nothing is at work')
    if (where === 'asking' && (count('running') > 0 || count('asking') === 0))
      found.add('it asks and there is no question')
    if (where === 'idle' && run) found.add('it is idle with a run')
    if (last && orders.filter((order) => order.do === 'say' && order.event.type === 'agent.ended').length !== 1)
      found.add('a run ended without that being said once')
    if (!isPaired(contextOf(state))) found.add('a call has no result, or more than one, when the model goes on')
    const counted = [...(run?.calls ?? []), ...(run?.ended ?? [])].filter(
      ({ status }) => status !== 'refused' && status !== 'waiting',
    )
    if (counted.filter(({ tool }) => tool === 'a').length > 1) found.add('the same call is made twice')
  }
  for (const { from, event, to } of graph.edges) {
    const { orders, run } = contextOf(to)
    if (event.type === 'agent.cancel' && valueOf(from) !== 'idle' && !['stopping', 'idle'].includes(valueOf(to)))
      found.add('it cannot be cancelled')
    const { step } = event as unknown as { readonly step?: number }
    if (step !== undefined && step !== contextOf(from).run?.step && contextOf(to).run !== contextOf(from).run)
      found.add('what a turn that is over came to is taken')
    if (valueOf(to) === 'stopping' && orders.some((order) => order.do === 'think' || order.do === 'call'))
      found.add('it begins something while it is being stopped')
    if (valueOf(from) === 'idle' && contextOf(from).last) found.add('it goes on after its end')
    for (const order of orders) {
      if (order.do !== 'call' || order.again) continue
      const call = run?.calls[order.at]
      if (!call || !menuOf(given, contextOf(to)).includes(call.tool))
        found.add('a tool is called that is not on the menu')
    }
    if (valueOf(from) !== 'stopping' && valueOf(to) === 'idle' && cutsOff(from, event))
      found.add('it ends while a tool is at work')
  }
  if (graph.stuck((state) => contextOf(state).last !== null).length > 0) found.add('a run may hang for ever')
  return [...found]
}

// Each wanted call of a finished turn has one result, in its place.
function isPaired({ conversation, run }: AgentContext): boolean {
  const messages = conversation.messages.map(({ message }) => message)
  return messages.every(({ role, content }, at) => {
    if (role !== 'assistant' || typeof content === 'string') return true
    const next = messages[at + 1]
    if (!next) return run !== null && run.calls.length > 0
    const ids = (parts: readonly MessagePart[], type: string) =>
      parts.flatMap((part) => (part.type === type ? [(part as { id: string }).id] : []))
    return (
      typeof next.content !== 'string' &&
      JSON.stringify(ids(content, 'tool-call')) === JSON.stringify(ids(next.content, 'tool-result'))
    )
  })
}

describe('the chart of an agent', () => {
  it('keeps its bounds, gives each call one result, can be cancelled anywhere and never hangs', () => {
    expect(faults(agentMachine(plan), plan)).toEqual([])
    expect(explore(agentMachine(plan)).states.length).toBeGreaterThan(600)
  })

  it('calls only what the chart of its author takes', () => {
    expect(faults(agentMachine(inTurn), inTurn)).toEqual([])
    const called = explore(agentMachine(inTurn)).states.flatMap(({ context }) =>
      ((context as AgentContext).last?.toolCalls ?? [])
        .filter(({ status }) => status === 'succeeded')
        .map(({ tool }) => tool),
    )
    expect(new Set(called)).toEqual(new Set(['a', 'b']))
  })

  it('that takes what a turn came to twice is found out', () => {
    const careless = agentMachine(plan).provide({ guards: { isCurrent: () => true } } as never)
    expect(faults(careless, plan)).toContain('what a turn that is over came to is taken')
  })

  it('that goes on beyond its last turn is found out', () => {
    const lavish: AgentPlan = { ...plan, limits: { ...limits, steps: limits.steps + 1 } }
    expect(faults(withDeed(lavish), plan)).toContain('the model has more turns than it may')
  })

  it('that begins more calls at once than it may is found out', () => {
    const eager = agentMachine({ ...brief, limits: { ...brief.limits, parallel: 3 } })
    expect(faults(eager, plan)).toContain('more tools are in flight than may be')
  })

  it('that makes the same call again is found out', () => {
    const tireless = agentMachine({ ...brief, limits: { ...brief.limits, repeats: null } })
    expect(faults(tireless, plan)).toContain('the same call is made twice')
  })

  it('that forgets a call that failed is found out', () => {
    const forgetful = agentMachine(brief).provide({
      actions: {
        takeDeed: assign(({ context, event }: { context: AgentContext; event: MessageEvent }) => {
          const deed = event as unknown as DeedOutcome
          if (deed.code === null || !context.run) return takeDeed(brief, context, deed)
          const calls = context.run.calls.filter((_, at) => at !== deed.at)
          return { ...context, run: { ...context.run, calls }, orders: [] }
        }),
      },
    } as never)
    expect(faults(forgetful, plan)).toContain('a call has no result, or more than one, when the model goes on')
  })

  it('that does not wait for what it takes back is found out', () => {
    const hasty = agentMachine(plan).provide({ guards: { mustStop: () => false } } as never)
    expect(faults(hasty, plan)).toContain('it ends while a tool is at work')
  })

  it('that calls what is not on its menu is found out', () => {
    const open = agentMachine({ ...plan, allowed: plan.tools })
    expect(faults(open, plan)).toContain('a tool is called that is not on the menu')
  })
})

// Other calls are at work than the one that the event ends.
function cutsOff(from: AnyMachineSnapshot, { at }: MessageEvent): boolean {
  return contextOf(from).run?.calls.some(({ status }, index) => status === 'running' && index !== at) ?? false
}

function withDeed(other: AgentPlan): AnyStateMachine {
  return agentMachine(plan).provide({
    actions: {
      takeDeed: assign(({ context, event }: { context: AgentContext; event: MessageEvent }) =>
        takeDeed(other, context, event as unknown as DeedOutcome),
      ),
    },
  } as never)
}
