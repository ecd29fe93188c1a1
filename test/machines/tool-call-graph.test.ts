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
import { judge, succeed, type ToolCallContext } from '../../machines/tool-call-changes.ts'
import type { ToolAttempt } from '../../machines/tool-call.contract.ts'
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
  const idle = fromCallback(() => {})
  const actors = { validate: idle, authorise: idle, execute: idle, repeat: idle, check: idle }
  const inert = machine.provide({ actors } as never)
  return machineGraph(inert, {
    from: getInitialSnapshot(inert, input),
    events: (state) => eventsOf(state),
    key: (state) => {
      const { index, found, attempts, attempt, error, news } = contextOf(state)
      const path = attempts.map(({ tool, category }) => `${tool}${category ?? '+'}`)
      return JSON.stringify([state.value, index, found?.key, found?.idempotent, path, attempt, error?.code, news])
    },
  })
}

// What its tasks may come to, and the timers that run.
function eventsOf(state: AnyMachineSnapshot): readonly AnyEventObject[] {
  if (state.status !== 'active') return []
  const where = stateOf(state)
  const error = { code: 'FORBIDDEN', message: 'no', name: 'TroupeError' }
  const done = (id: string, output: unknown) => ({ type: `xstate.done.actor.${id}`, output, actorId: id })
  const failed = (id: string) => ({ type: `xstate.error.actor.${id}`, error, actorId: id })
  const deadline = { type: 'xstate.after.deadline.tool-call.working' }
  if (where.includes('validating')) {
    const { tool } = input.choices[contextOf(state).index] ?? { tool: '' }
    const found = { key: `${tool}@1`, timeout: 100, retry: RETRY, input: {}, seed: 0.5 }
    const tools = [true, false].map((idempotent) => done('validate', { ...found, idempotent }))
    return [...tools, failed('validate'), deadline]
  }
  if (where.includes('authorising')) return [done('authorise', undefined), failed('authorise'), deadline]
  if (where.includes('executing')) {
    const id = where.includes('once') ? 'execute' : 'repeat'
    const outcomes = [
      { status: 'done', value: 1 },
      ...(['network', 'validation'] as const).map((category) => ({ status: 'failed', failure: failureOf(category) })),
    ]
    const late = { type: 'xstate.after.attemptTimeout.tool-call.working.executing' }
    return [...outcomes.map((outcome) => done(id, outcome)), failed(id), late, deadline]
  }
  if (where.includes('waiting')) return [{ type: 'xstate.after.backoff.tool-call.working.waiting' }, deadline]
  return [done('check', 1), failed('check'), deadline]
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { attempts, error, news, found: tool } = contextOf(state)
    const where = stateOf(state)
    if (where === '"done"' && error) found.add('a call is done with an error')
    if (where === '"failed"' && !error) found.add('a call failed without an error')
    if (state.status === 'done' && !news.some(({ type }) => type === 'tool.done' || type === 'tool.failed'))
      found.add('a call ended and nobody heard')
    if (attempts.length > 10) found.add('there are more attempts than may be')
    for (const [index, { tool: name, category }] of attempts.slice(0, -1).entries()) {
      if (category !== 'network' && category !== 'timeout') found.add('it went on after a failure that stays')
      if (attempts[index + 1]?.tool === name && attempts[index + 1]?.attempt === 1) found.add('it began anew')
    }
    if (where.includes('waiting') && tool?.idempotent !== true) found.add('what may not be repeated is')
  }
  for (const { from, event, to } of graph.edges) {
    const isExecuting = (state: AnyMachineSnapshot) => stateOf(state).includes('executing')
    const isAllowed = event.type === 'xstate.done.actor.authorise' || stateOf(from).includes('waiting')
    if (!isExecuting(from) && isExecuting(to) && !isAllowed) found.add('it is executed without being authorised')
  }
  if (graph.stuck((state) => state.status === 'done').length > 0) found.add('a call may hang for ever')
  return [...found]
}

describe('the chart of a tool call', () => {
  it('executes only what is authorised, repeats only what may be, and ends with one outcome', () => {
    expect(faults(toolCallMachine)).toEqual([])
    expect(explore(toolCallMachine).states.length).toMatchInlineSnapshot(`2151`)
  })

  it('that repeats what may not be repeated is found out', () => {
    const careless = judging((context, failure) => {
      const found = context.found && { ...context.found, idempotent: true }
      const judged = judge({ ...context, found }, failure)
      return judged.next === 'retry' ? { ...judged, found: context.found } : judged
    })
    expect(faults(careless)).toContain('what may not be repeated is')
  })

  it('that goes on after a failure that stays is found out', () => {
    const hopeful = judging((context, failure) => {
      const judged = judge(context, failureOf('network'))
      const { category } = failure
      return { ...judged, attempts: [...context.attempts, { ...(judged.attempts.at(-1) as ToolAttempt), category }] }
    })
    expect(faults(hopeful)).toContain('it went on after a failure that stays')
  })

  it('that keeps the error of an attempt that another made good is found out', () => {
    const sore = assign(({ context }: { context: ToolCallContext }) => ({
      ...succeed(context, 1),
      error: context.error,
    }))
    expect(faults(toolCallMachine.provide({ actions: { succeed: sore } } as never))).toContain(
      'a call is done with an error',
    )
  })
})

/** The chart with another judgement of failures. */
function judging(judgement: (context: ToolCallContext, failure: CallFailure) => ToolCallContext): AnyStateMachine {
  const act = assign(({ context, event }: { context: ToolCallContext; event: AnyEventObject }) =>
    judgement(context, (event['output'] as { failure: CallFailure }).failure),
  )
  return toolCallMachine.provide({ actions: { judge: act } } as never)
}
