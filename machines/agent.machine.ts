import { type AnyStateMachine, assign, cancel, enqueueActions, raise, sendTo, setup } from 'xstate'
import type { MessageOf } from '../runtime/protocol/contract.ts'
import { announce, askOf, chunk, refuse, reply } from '../runtime/protocol/message-actions.ts'
import {
  begin,
  beginNext,
  conclude,
  expire,
  halt,
  noteDeed,
  noteTurn,
  refuseAnswer,
  resume,
  stop,
  takeAnswer,
  takeDeed,
  takeTurn,
} from './agent-changes.ts'
import type { AgentChunk, agentContract, AgentPrompt } from './agent.contract.ts'
import {
  type AgentContext,
  type AgentOrder,
  type AgentPlan,
  type AgentRun,
  type DeedOutcome,
  initialAgent,
  type OpenCall,
  type TurnOutcome,
} from './agent-context.ts'
import { chunksOf } from './agent-chunks.ts'
import { menuOf } from './agent-menu.ts'
import { admit, isOver, isWaiting, withdraw } from './agent-queue.ts'

type Message = MessageOf<typeof agentContract>

/** What the runner tells, and what the chart raises. Nobody else can send these. */
type Internal =
  | ({ readonly type: 'turn.ended' } & TurnOutcome)
  | { readonly type: 'turn.spoke'; readonly run: string; readonly chunks: readonly AgentChunk[] }
  | ({ readonly type: 'call.ended' } & DeedOutcome)
  | { readonly type: 'run.stopped'; readonly run: string }
  | { readonly type: 'question.late'; readonly question: string }

type Of<Type extends (Message | Internal)['type']> = Extract<Message | Internal, { readonly type: Type }>

/** What an agent tells its runner to do. */
export type AgentCommand =
  | { readonly type: 'think' | 'abort'; readonly context: AgentContext }
  | { readonly type: 'call'; readonly context: AgentContext; readonly at: number; readonly again: boolean }
  | { readonly type: 'finish'; readonly run: string }

/** The run of an agent that was spawned with a prompt. */
const ONLY_RUN = 'only'
// What does not let itself be taken back is not waited for any longer.
const STOPPING_TIME = 10_000

/**
 * The chart of an agent. It rests in `idle` until it is asked; then it is `thinking` while the model speaks, `acting` while
 * tools are at work, `asking` while only questions to a human are open, and thinks again when every call of the turn has its
 * result. What ends a run early goes through `stopping`, where all that is under way is taken back. A run that is asked for
 * meanwhile waits, and begins when the one before is over.
 */
export function agentMachine(plan: AgentPlan): AnyStateMachine {
  const setUp = setup({
    types: {} as { context: AgentContext; events: Message | Internal; input: AgentContext['input'] },
    actions: {
      begin: assign(({ context, event }) => {
        const message = event as Of<'agent.run'>
        const ask = askOf(event)
        return begin(plan, context, message, ask === undefined ? [] : [{ ask, streams: message.stream }])
      }),
      beginNext: assign(({ context }) => beginNext(plan, context)),
      beginOnly: assign(({ context }) => {
        const prompt = context.input.prompt as AgentPrompt
        return begin(plan, context, { run: ONLY_RUN, prompt }, [])
      }),
      admit: assign(({ context, event }) => admit(context, event as Of<'agent.run'>, askOf(event))),
      withdraw: assign(({ context, event }) => {
        const { run, reason } = event as Of<'agent.cancel'>
        return withdraw(context, run as string, reason)
      }),
      takeTurn: assign(({ context, event }) => takeTurn(plan, context, event as Of<'turn.ended'>)),
      noteTurn: assign(({ context, event }) => noteTurn(context, event as Of<'turn.ended'>)),
      takeDeed: assign(({ context, event }) => takeDeed(plan, context, event as Of<'call.ended'>)),
      noteDeed: assign(({ context, event }) => noteDeed(plan, context, event as Of<'call.ended'>)),
      takeAnswer: assign(({ context, event }) => takeAnswer(plan, context, event as Of<'agent.answer'>, askOf(event))),
      refuseAnswer: assign(({ context, event }) => refuseAnswer(context, event as Of<'agent.answer'>, askOf(event))),
      expire: assign(({ context, event }) => expire(plan, context, (event as Of<'question.late'>).question)),
      cancel: assign(({ context, event }) => halt(context, 'CANCELLED', (event as Of<'agent.cancel'>).reason)),
      timeOut: assign(({ context }) => {
        return halt(context, 'TIMEOUT', `the run took longer than ${(context.run as AgentRun).timeout} ms`)
      }),
      stop: assign(({ context }) => stop(context)),
      resume: assign(({ context }) => resume(context)),
      conclude: assign(({ context }) => conclude(plan, context)),
      passChunks: enqueueActions(({ context, event, enqueue }) => {
        for (const action of streamed(context.run, (event as Of<'turn.spoke'>).chunks)) enqueue(action as never)
      }),
      carryOut: enqueueActions(({ context, enqueue }) => {
        for (const order of context.orders) {
          for (const action of effectsOf(plan, context, order)) enqueue(action as never)
        }
      }),
      tellStatus: reply(({ context }: { context: AgentContext }) => statusOf(plan, context)),
    },
    guards: {
      isOnly: ({ context }) => context.input.prompt !== undefined,
      isUnbegun: ({ context }) => context.input.prompt !== undefined && context.last === null,
      isKnown: ({ context, event }) => isOver(context, (event as Of<'agent.run'>).run),
      isQueued: ({ context, event }) => isWaiting(context, (event as Of<'agent.cancel'>).run ?? ''),
      hasNext: ({ context }) => context.waiting.length > 0,
      isWanted: ({ context, event }) => {
        const { run } = event as Of<'agent.cancel'>
        return run === undefined || run === context.run?.id
      },
      isOurs: ({ context, event }) => context.run?.id === (event as Of<'turn.ended'>).run,
      isCurrent: ({ context, event }) => {
        const { run, step } = event as Of<'turn.ended'>
        return context.run?.id === run && context.run.step === step
      },
      isOpen: ({ context, event }) => {
        return questionsOf(context.run).some(({ id }) => id === (event as Of<'agent.answer'>).question)
      },
      mustStop: ({ context }) => context.run?.verdict != null && isBusy(context.run),
      isDone: ({ context }) => context.run !== null && (context.run.answered || context.run.verdict !== null),
      isThinking: ({ context }) => context.run?.calls.length === 0,
      isActing: ({ context }) => context.run !== null && isBusy(context.run),
      isAsking: ({ context }) => context.run !== null && context.run.calls.length > 0 && !isBusy(context.run),
    },
    delays: { deadline: ({ context }) => context.run?.timeout ?? plan.limits.timeout, stoppingTime: STOPPING_TIME },
  })
  const called = { guard: 'isCurrent', actions: ['takeDeed', 'carryOut'] }
  const answered = { guard: 'isOpen', actions: ['takeAnswer', 'carryOut'] }
  const late = { actions: ['expire', 'carryOut'] }
  // Where a run goes after each change, seen from the state in which it was.
  const ends = [
    { guard: 'mustStop', target: `#${plan.name}.stopping`, actions: ['stop', 'carryOut'] },
    { guard: 'isDone', target: `#${plan.name}.ending` },
  ]
  const toThinking = { guard: 'isThinking', target: 'thinking' }
  const toActing = { guard: 'isActing', target: 'acting' }
  const toAsking = { guard: 'isAsking', target: 'asking' }
  const config = {
    id: plan.name,
    context: ({ input }: { input: AgentContext['input'] }) => initialAgent(plan, input),
    invoke: { id: 'runner', src: 'runner' },
    initial: 'idle',
    on: {
      'agent.run': { actions: ['admit', 'carryOut'] },
      'agent.cancel': { guard: 'isQueued', actions: ['withdraw', 'carryOut'] },
      'agent.answer': { actions: ['refuseAnswer', 'carryOut'] },
      'agent.status': { actions: 'tellStatus' },
    },
    states: {
      idle: {
        always: { guard: 'isUnbegun', target: 'working', actions: ['beginOnly', 'carryOut'] },
        on: {
          'agent.run': [
            { guard: 'isKnown', actions: ['admit', 'carryOut'] },
            { target: 'working', actions: ['begin', 'carryOut'] },
          ],
        },
      },
      working: {
        initial: 'thinking',
        after: { deadline: { target: 'stopping', actions: ['timeOut', 'stop', 'carryOut'] } },
        on: {
          'agent.cancel': { guard: 'isWanted', target: 'stopping', actions: ['cancel', 'stop', 'carryOut'] },
          'turn.spoke': { guard: 'isOurs', actions: 'passChunks' },
          'troupe.resumed': { actions: ['resume', 'carryOut'] },
        },
        states: {
          thinking: {
            always: [...ends, toActing, toAsking],
            on: { 'turn.ended': { guard: 'isCurrent', actions: ['takeTurn', 'carryOut'] } },
          },
          acting: {
            always: [...ends, toThinking, toAsking],
            on: { 'call.ended': called, 'agent.answer': answered, 'question.late': late },
          },
          asking: {
            always: [...ends, toThinking, toActing],
            on: { 'agent.answer': answered, 'question.late': late },
          },
        },
      },
      stopping: {
        after: { stoppingTime: 'ending' },
        on: {
          'turn.ended': { guard: 'isCurrent', actions: 'noteTurn' },
          'call.ended': { guard: 'isCurrent', actions: ['noteDeed', 'carryOut'] },
          'run.stopped': { guard: 'isOurs', target: 'ending' },
          'troupe.resumed': { actions: ['resume', 'carryOut'] },
        },
      },
      ending: {
        entry: ['conclude', 'carryOut'],
        always: [
          { guard: 'isOnly', target: 'over' },
          { guard: 'hasNext', target: 'working', actions: ['beginNext', 'carryOut'] },
          { target: 'idle' },
        ],
      },
      over: { type: 'final' },
    },
    output: ({ context }: { context: AgentContext }) => context.last,
  }
  return setUp.createMachine(config as never) as unknown as AnyStateMachine
}

function effectsOf(plan: AgentPlan, context: AgentContext, order: AgentOrder): readonly unknown[] {
  switch (order.do) {
    case 'think':
    case 'abort':
      return [sendTo('runner', { type: order.do, context })]
    case 'call':
      return [sendTo('runner', { type: 'call', context, at: order.at, again: order.again })]
    case 'finish':
      return [sendTo('runner', { type: 'finish', run: order.run })]
    case 'say':
      return [announce([order.event]), ...streamed(context.run, chunksOf(context.run, order.event))]
    case 'expect': {
      const { question } = order
      const delay = plan.limits.patience
      return [raise({ type: 'question.late', question } as never, { id: lateId(question), delay } as never)]
    }
    case 'forget':
      return [cancel(lateId(order.question))]
    case 'answer':
      return answerTo(order.ask, order.value)
    case 'refuse': {
      const { reason, ask, code } = order
      return [refuse(reason, () => ask, code)]
    }
  }
}

function answerTo(ask: string, value: unknown): readonly unknown[] {
  return [
    reply(
      () => value,
      () => ask,
    ),
  ]
}

function streamed(run: AgentRun | null, chunks: readonly AgentChunk[]): unknown[] {
  const listeners = run?.listeners.filter(({ streams }) => streams) ?? []
  return listeners.flatMap(({ ask }) => {
    return chunks.map((each) =>
      chunk(
        () => each,
        () => ask,
      ),
    )
  })
}

function statusOf(plan: AgentPlan, context: AgentContext): unknown {
  const { run, conversation } = context
  return {
    run: run?.id ?? null,
    steps: run?.step ?? 0,
    waiting: context.waiting.length,
    questions: questionsOf(run),
    menu: menuOf(plan, context),
    kept: conversation.messages.length,
    dropped: conversation.dropped,
  }
}

function questionsOf(run: AgentRun | null): readonly NonNullable<OpenCall['question']>[] {
  return run?.calls.flatMap(({ question }) => (question ? [question] : [])) ?? []
}

function isBusy({ calls }: AgentRun): boolean {
  return calls.some(({ status }) => status === 'running')
}

function lateId(question: string): string {
  return `late ${question}`
}
