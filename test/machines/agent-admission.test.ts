import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AnyMachineSnapshot, fromCallback, getInitialSnapshot, transition } from 'xstate'
import type { AgentContext, AgentPlan } from '../../machines/agent-context.ts'
import { agentContract } from '../../machines/agent.contract.ts'
import { agentMachine } from '../../machines/agent.machine.ts'
import { LONGEST_QUEUE } from '../../machines/agent-queue.ts'
import { NO_USAGE } from '../../machines/model-usage.ts'
import { markAsk, requestOf } from '../../runtime/protocol/message-actions.ts'
import type { MessageEvent } from '../../runtime/index.ts'

const plan: AgentPlan = {
  name: 'agent',
  tools: [],
  allowed: [],
  handoffs: [],
  asksHuman: false,
  limits: {
    steps: 2,
    parallel: 2,
    callsPerTurn: 5,
    repeats: 2,
    timeout: 1_000,
    patience: 100,
    window: 10_000,
    result: 100,
  },
  chart: null,
}
const machine = agentMachine(plan).provide({ actors: { runner: fromCallback(() => {}) } as never })

type Step =
  | { readonly do: 'run' | 'cancel'; readonly run: string; readonly prompt: string }
  | { readonly do: 'end' | 'stopped' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      run: fc.integer({ min: 0, max: 60 }).map((n) => `r${n}`),
      // Mostly one prompt for a name.
      prompt: fc.constantFrom('p', 'p', 'p', 'q'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      run: fc.integer({ min: 0, max: 60 }).map((n) => `r${n}`),
      prompt: fc.constant(''),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'stopped' as const) }) },
)

interface Story {
  /** What each ask got, by the number of the ask. */
  readonly answers: Map<string, { readonly run: string } | string>[]
  readonly begun: readonly string[]
  readonly most: number
  readonly end: AgentContext
}

/** Plays the steps, then ends whatever is left. */
function play(steps: readonly Step[]): Story {
  let state: AnyMachineSnapshot = getInitialSnapshot(machine, agentContract.spec.input.parse({}) as never)
  const answers: Story['answers'] = []
  const begun: string[] = []
  let most = 0

  function send(event: MessageEvent): void {
    const [next, actions] = transition(machine, state as never, event as never)
    for (const action of actions as unknown as { exec?: unknown; info?: unknown; params?: unknown }[]) {
      const request = requestOf(action.exec, action.info, action.params)
      if (request?.kind === 'announce') {
        for (const { type, run } of request.events) if (type === 'agent.started') begun.push(run as string)
      }
      if (request?.kind === 'reply') answers[Number(request.ask)]?.set('answer', request.value as { run: string })
      if (request?.kind === 'refuse') answers[Number(request.ask)]?.set('answer', request.code)
      if (request?.kind === 'reply' || request?.kind === 'refuse') {
        const told = answers[Number(request.ask)]
        told?.set('times', `${Number(told.get('times') ?? 0) + 1}`)
      }
    }
    state = next as AnyMachineSnapshot
    most = Math.max(most, (state.context as AgentContext).waiting.length)
  }

  function endRun(): void {
    const { run } = state.context as AgentContext
    if (!run) return
    if (state.matches('stopping')) return send({ type: 'run.stopped', run: run.id })
    const told = { run: run.id, step: run.step, text: 'yes', output: null, wanted: [], isCut: false, model: 'm' }
    const facts = { usage: NO_USAGE, costNanoUsd: 0, attempts: 1, degradations: [], forbidden: [], nonce: 'n' }
    send({ type: 'turn.ended', ...told, ...facts, error: null })
  }

  for (const each of steps) {
    if (each.do === 'run') {
      const event = { type: 'agent.run', run: each.run, prompt: each.prompt, stream: false }
      markAsk(event, `${answers.length}`)
      answers.push(new Map([['asked', each.run]]))
      send(event)
    } else if (each.do === 'cancel') send({ type: 'agent.cancel', run: each.run, reason: 'enough' })
    else endRun()
  }
  for (let left = 0; left <= 2 * (LONGEST_QUEUE + 1); left++) endRun()
  return { answers, begun, most, end: state.context as AgentContext }
}

it('every ask of a run is answered once, no run begins twice, and no more wait than may', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const { answers, begun, most, end } = play(steps)
      for (const told of answers) {
        expect(told.get('times')).toBe('1')
        const answer = told.get('answer') ?? ''
        const got = typeof answer === 'string' ? answer : answer.run
        expect(['CONFLICT', 'OVERLOADED', told.get('asked')]).toContain(got)
      }
      expect(new Set(begun).size).toBe(begun.length)
      expect(most).toBeLessThanOrEqual(LONGEST_QUEUE)
      expect(end).toMatchObject({ run: null, waiting: [] })
    }),
  )
})

it('two hundred runs, one after another, leave a bounded memory', () => {
  const steps = Array.from({ length: 200 }, (_, at) => [
    { do: 'run', run: `n${at}`, prompt: 'p' } as const,
    { do: 'end' } as const,
  ]).flat()
  const { end, begun } = play(steps)
  expect(begun).toHaveLength(200)
  expect(end.ran).toHaveLength(64)
})

it('asks that come while one is at work begin in the order in which they came', () => {
  const runs = Array.from({ length: 17 }, (_, at) => `n${at}`)
  expect(play(runs.map((run) => ({ do: 'run', run, prompt: 'p' }))).begun).toEqual(runs)
})
