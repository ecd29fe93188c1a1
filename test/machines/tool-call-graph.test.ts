import { describe, expect, it } from 'vitest'
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  fromCallback,
  getInitialSnapshot,
} from 'xstate'
import type { CallFailure } from '../../machines/model-failure.ts'
import { type FoundTool, judge, successNews, type ToolCallContext } from '../../machines/tool-call-changes.ts'
import type { ToolAttempt, ToolCallOutput } from '../../machines/tool-call.contract.ts'
import { toolCallMachine } from '../../machines/tool-call.machine.ts'
import { machineGraph } from './machine-graph.ts'

const RETRY = { attempts: 2, first: 10, factor: 2, cap: 100, jitter: 'none', total: 1_000 } as const
const input = {
  choices: ['a', 'b', 'c'].map((tool) => ({ tool, options: {} })),
  input: {},
  idempotencyKey: 'k',
  traceId: 't',
  requestId: 'r',
  timeout: 1_000,
  deadline: 1_000,
}
const MADE = ['attempt.began', 'attempt.succeeded']
const RESUMED = { type: 'troupe.resumed' }
const FAILURES = ['network', 'validation'] as const
const failureOf = (category: 'network' | 'validation') => ({
  category,
  message: 'no',
  status: null,
  code: null,
  retryAfter: null,
  requestId: null,
})

const contextOf = (state: AnyMachineSnapshot) => state.context as ToolCallContext
const stateOf = (state: AnyMachineSnapshot) => JSON.stringify(state.value)

function explore(machine: AnyStateMachine) {
  const inert = machine.provide({ actors: { runner: fromCallback(() => {}) } } as never)
  return machineGraph(inert, {
    from: getInitialSnapshot(inert, input),
    events: (state) => eventsOf(state),
    key: (state) => {
      const { index, found, attempts, attempt, isTold, error, news } = contextOf(state)
      const path = attempts.map(({ tool, category }) => `${tool}${category ?? '+'}`)
      return JSON.stringify([state.value, index, found?.key, found?.idempotent, path, attempt, isTold, error, news])
    },
  })
}

// What its runner may tell, and the timer that runs.
function eventsOf(state: AnyMachineSnapshot): readonly AnyEventObject[] {
  if (state.status !== 'active') return []
  const expired = { type: 'call.expired', tool: null }
  if (stateOf(state) === '"waiting"') return [{ type: 'xstate.after.backoff.tool-call.waiting' }, expired, RESUMED]
  const { index, found } = contextOf(state)
  const { tool: name } = input.choices[index] ?? { tool: '' }
  const tools = [true, false].map((idempotent) => ({ key: `${name}@1`, idempotent, retry: RETRY, seed: 0.5 }))
  // A runner does not take another tool for an attempt than it has told of, or than it made the one before with.
  const attempts = (found ? [found] : tools).flatMap((tool): AnyEventObject[] => [
    { type: 'attempt.succeeded', tool, value: 1 },
    { type: 'attempt.disowned', tool, message: 'no number' },
    ...FAILURES.map((category) => ({ type: 'attempt.failed', tool, failure: failureOf(category) })),
    { type: 'call.expired', tool },
    ...(stateOf(state) === '"starting"'
      ? [{ type: 'attempt.began', tool }]
      : [{ type: 'attempt.noted', note: 'half' }]),
  ])
  return [
    ...attempts,
    { type: 'call.refused', error: { code: 'FORBIDDEN', message: 'no', name: '' } },
    expired,
    RESUMED,
  ]
}

// What is told on the edge itself: the news of a state are those of the last change.
function newsOf(event: AnyEventObject, from: AnyMachineSnapshot, to: AnyMachineSnapshot): readonly AnyEventObject[] {
  if (event.type === 'attempt.succeeded') return successNews(contextOf(from), event['tool'] as FoundTool)
  return contextOf(to).news === contextOf(from).news ? [] : contextOf(to).news
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { error, found: tool } = contextOf(state)
    const { attempts } = (state.output as ToolCallOutput | undefined) ?? contextOf(state)
    const where = stateOf(state)
    const { status } = (state.output as ToolCallOutput | undefined) ?? {}
    if (where === '"done"' && (status !== 'done' || attempts.at(-1)?.category !== null))
      found.add('a call is done without an attempt that is')
    if (where === '"failed"' && (status !== 'failed' || !error)) found.add('a call failed without an error')
    if (attempts.length > 10) found.add('there are more attempts than may be')
    for (const [index, { tool: name, category }] of attempts.slice(0, -1).entries()) {
      if (category !== 'network' && category !== 'timeout') found.add('it went on after a failure that stays')
      if (attempts[index + 1]?.tool === name && attempts[index + 1]?.attempt === 1) found.add('it began anew')
    }
    if (where === '"waiting"' && tool?.idempotent !== true) found.add('what may not be repeated is')
  }
  for (const { from, event, to } of graph.edges) {
    const before = contextOf(from)
    const after = contextOf(to)
    const told = newsOf(event, from, to).map(({ type }) => type)
    const starts = told.filter((type) => type === 'tool.started').length
    const madeAttempt = after.attempts.length > before.attempts.length || MADE.includes(event.type)
    // The failure that ends a call is told of by the news that follow it.
    const isLastFailure = event.type === 'attempt.failed' && to.status === 'done'
    if (madeAttempt && !isLastFailure && starts !== (before.isTold ? 0 : 1)) found.add('a start is not told once')
    if (to.status === 'done' && !['tool.done', 'tool.failed'].includes(told.at(-1) ?? ''))
      found.add('a call ended and nobody heard')
    if (event.type === 'call.refused' && madeAttempt) found.add('it is executed though it was refused')
    if (event.type === 'troupe.resumed' && to !== from) found.add('a restart alone changes what is known')
  }
  if (graph.stuck((state) => state.status === 'done').length > 0) found.add('a call may hang for ever')
  return [...found]
}

describe('the chart of a tool call', () => {
  it('tells each start once, repeats only what may be, and ends with one outcome', () => {
    expect(faults(toolCallMachine)).toEqual([])
    expect(explore(toolCallMachine).states.length).toMatchInlineSnapshot(`335`)
  })

  it('that repeats what may not be repeated is found out', () => {
    const careless = judging((context, tool, failure) => {
      const judged = judge(context, { ...tool, idempotent: true }, failure)
      return judged.next === 'retry' ? { ...judged, found: tool } : judged
    })
    expect(faults(careless)).toContain('what may not be repeated is')
  })

  it('that goes on after a failure that stays is found out', () => {
    const hopeful = judging((context, tool, failure) => {
      const judged = judge(context, tool, failureOf('network'))
      const { category } = failure
      return { ...judged, attempts: [...context.attempts, { ...(judged.attempts.at(-1) as ToolAttempt), category }] }
    })
    expect(faults(hopeful)).toContain('it went on after a failure that stays')
  })

  it('that ends without a word is found out', () => {
    const mute = assign(({ context }: { context: ToolCallContext }) => ({ ...context, news: [] }))
    expect(faults(toolCallMachine.provide({ actions: { giveUp: mute } } as never))).toContain(
      'a call ended and nobody heard',
    )
  })

  it('that forgets to tell what came to something at once is found out', () => {
    const silent = judging((context, tool, failure) => {
      const judged = judge(context, tool, failure)
      return { ...judged, news: judged.news.filter(({ type }) => type !== 'tool.started') }
    })
    expect(faults(silent)).toContain('a start is not told once')
  })
})

/** The chart with another judgement of failures. */
function judging(
  judgement: (context: ToolCallContext, tool: FoundTool, failure: CallFailure) => ToolCallContext,
): AnyStateMachine {
  const act = assign(({ context, event }: { context: ToolCallContext; event: AnyEventObject }) =>
    judgement(context, event['tool'] as FoundTool, event['failure'] as CallFailure),
  )
  return toolCallMachine.provide({ actions: { judge: act } } as never)
}
