import { type AnyStateMachine, assign, cancel, enqueueActions, raise, sendTo, setup } from 'xstate'
import { announce, askOf, refuse, reply } from '../runtime/protocol/message-actions.ts'
import type { MessageEvent, MessageOf } from '../runtime/protocol/contract.ts'
import { answer, expire, type PartOutcome, register, settlePart, take, unregister } from './supervisor-changes.ts'
import {
  countActive,
  countWaiting,
  type SupervisorContext,
  type SupervisorLimits,
  type SupervisorOrder,
} from './supervisor-context.ts'
import type { AgentEntry, SupervisorAnswer, supervisorContract } from './supervisor.contract.ts'

type Message = MessageOf<typeof supervisorContract>

/** What the runner tells, and what the chart raises. Nobody else can send these. */
type Internal =
  | { readonly type: 'agent.ended'; readonly id: number; readonly agent: string; readonly outcome: PartOutcome }
  | { readonly type: 'agent.late'; readonly id: number; readonly agent: string; readonly timeout: number }
  | { readonly type: 'request.expired'; readonly id: number }
  | { readonly type: 'request.concluded'; readonly id: number; readonly answer: SupervisorAnswer }

type Of<Type extends (Message | Internal)['type']> = Extract<Message | Internal, { readonly type: Type }>

/** What the supervisor tells its runner to do. */
export type DispatchCommand = Extract<SupervisorOrder, { do: 'start' | 'abort' | 'synthesise' }> & {
  readonly type: 'dispatch'
}

/** What a supervisor starts from. */
export interface SupervisorPlan {
  readonly name: string
  /** The names under which an agent can be registered to an actor. */
  readonly actors: readonly string[]
  readonly agents: readonly AgentEntry[]
  readonly limits: SupervisorLimits
}

/**
 * The chart of a supervisor. `idle`, `working`, `queueing` and `full` say how it stands with its load; it takes requests in
 * each of them, and in `full` refuses those that would have to wait.
 */
export function supervisorMachine({ name, actors, agents, limits }: SupervisorPlan): AnyStateMachine {
  const setUp = setup({
    types: {} as { context: SupervisorContext; events: Message | Internal },
    actions: {
      take: assign(({ context, event }) => {
        const { type: _, ...request } = event as Of<'supervisor.request'>
        return take(context, limits, request, askOf(event))
      }),
      settle: assign(({ context, event }) => {
        const { id, agent, outcome } = event as Of<'agent.ended'>
        return settlePart(context, limits, id, agent, outcome)
      }),
      settleLate: assign(({ context, event }) => {
        const { id, agent, timeout } = event as Of<'agent.late'>
        const reason = `it did not answer within ${timeout} ms`
        return settlePart(context, limits, id, agent, { status: 'timed_out', reason })
      }),
      expire: assign(({ context, event }) => expire(context, limits, (event as Of<'request.expired'>).id)),
      answer: assign(({ context, event }) => {
        const { id, answer: given } = event as Of<'request.concluded'>
        return answer(context, id, given)
      }),
      register: assign(({ context, event }) => {
        const { type: _, ...entry } = event as Of<'supervisor.register'>
        return register(context, limits, entry, askOf(event))
      }),
      unregister: assign(({ context, event }) =>
        unregister(context, (event as Of<'supervisor.unregister'>).name, askOf(event)),
      ),
      carryOut: enqueueActions(({ context, enqueue }) => {
        for (const order of context.orders) for (const action of effectsOf(order, limits)) enqueue(action as never)
      }),
      list: reply(({ context }: { context: SupervisorContext }) => context.agents),
      status: reply(({ context }: { context: SupervisorContext }) => ({
        waiting: countWaiting(context),
        active: countActive(context),
        answered: context.answered,
        refused: context.refused,
        agents: context.agents,
      })),
      refuseActor: refuse(
        ({ event }) => `there is no actor ${(event as { actor?: string }).actor}; actors: ${actors.join(', ')}`,
        undefined,
        'NOT_FOUND',
      ),
    },
    guards: {
      isKnownActor: ({ event }) => actors.includes((event as Of<'supervisor.register'>).actor),
      isIdle: ({ context }) => context.requests.length === 0,
      isWorking: ({ context }) => context.requests.length > 0 && countWaiting(context) === 0,
      isQueueing: ({ context }) => countWaiting(context) > 0 && countWaiting(context) < limits.capacity,
      isFull: ({ context }) => countWaiting(context) > 0 && countWaiting(context) >= limits.capacity,
    },
  })
  return setUp.createMachine({
    id: name,
    context: { agents, requests: [], lastId: 0, answered: 0, refused: 0, orders: [] },
    invoke: { id: 'runner', src: 'runner' } as never,
    initial: 'idle',
    on: {
      'supervisor.request': { actions: ['take', 'carryOut'] },
      'supervisor.register': [{ guard: 'isKnownActor', actions: ['register', 'carryOut'] }, { actions: 'refuseActor' }],
      'supervisor.unregister': { actions: ['unregister', 'carryOut'] },
      'supervisor.list': { actions: 'list' },
      'supervisor.status': { actions: 'status' },
      'agent.ended': { actions: ['settle', 'carryOut'] },
      'agent.late': { actions: ['settleLate', 'carryOut'] },
      'request.expired': { actions: ['expire', 'carryOut'] },
      'request.concluded': { actions: ['answer', 'carryOut'] },
    },
    states: {
      idle: {
        always: [
          { guard: 'isFull', target: 'full' },
          { guard: 'isQueueing', target: 'queueing' },
          { guard: 'isWorking', target: 'working' },
        ],
      },
      working: {
        always: [
          { guard: 'isFull', target: 'full' },
          { guard: 'isQueueing', target: 'queueing' },
          { guard: 'isIdle', target: 'idle' },
        ],
      },
      queueing: {
        always: [
          { guard: 'isFull', target: 'full' },
          { guard: 'isWorking', target: 'working' },
          { guard: 'isIdle', target: 'idle' },
        ],
      },
      full: {
        always: [
          { guard: 'isQueueing', target: 'queueing' },
          { guard: 'isWorking', target: 'working' },
          { guard: 'isIdle', target: 'idle' },
        ],
      },
    },
  }) as unknown as AnyStateMachine
}

function effectsOf(order: SupervisorOrder, { patience }: SupervisorLimits): readonly unknown[] {
  switch (order.do) {
    case 'start': {
      const { id, agent } = order
      const begin = sendTo('runner', { ...order, type: 'dispatch' })
      if (agent.timeout === null) return [begin]
      const late = { type: 'agent.late', id, agent: agent.name, timeout: agent.timeout } as const
      return [begin, raise(late as never, { id: lateId(id, agent.name), delay: agent.timeout } as never)]
    }
    case 'abort':
    case 'synthesise':
      return [sendTo('runner', { ...order, type: 'dispatch' })]
    case 'wait':
      return [
        raise({ type: 'request.expired', id: order.id } as never, { id: waitId(order.id), delay: patience } as never),
      ]
    case 'unwait':
      return [cancel(waitId(order.id))]
    case 'unlate':
      return [cancel(lateId(order.id, order.agent))]
    case 'reply': {
      const { id, ask, answer: given } = order
      return [...answered(ask, given), tellAll({ type: 'supervisor.answered', id, status: given.status })]
    }
    case 'tell':
      return answered(order.ask, order.value)
    case 'refuse': {
      const { ask, reason, code } = order
      const refused = ask === undefined ? [] : [refuse(reason, () => ask, code)]
      return [...refused, tellAll({ type: 'supervisor.refused', reason })]
    }
    case 'announce':
      return [tellAll({ type: 'supervisor.routed', id: order.id, agents: order.agents })]
  }
}

// A request that was only sent has nobody to answer.
function answered(ask: string | undefined, value: unknown): readonly unknown[] {
  return ask === undefined
    ? []
    : [
        reply(
          () => value,
          () => ask,
        ),
      ]
}

function tellAll(event: MessageEvent): unknown {
  return announce([event])
}

function waitId(id: number): string {
  return `wait ${id}`
}

function lateId(id: number, agent: string): string {
  return `late ${id} ${agent}`
}
