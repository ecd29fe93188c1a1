import { type AnyStateMachine, assign, enqueueActions, sendTo, setup } from 'xstate'
import { announce, askOf, chunk, reply } from '../runtime/protocol/message-actions.ts'
import type { MessageOf } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import {
  aborted,
  admitted,
  barred,
  cancelled,
  ended,
  opened,
  refused,
  type Reservation,
  reserved,
  settled,
} from './model-call-changes.ts'
import type { CallChunk, modelCallContract, ModelCallInput } from './model-call.contract.ts'
import {
  type AttemptOutcome,
  type CallVerdict,
  initialCall,
  type ModelCallContext,
  resultOf,
} from './model-call-context.ts'
import type { RefusedModel } from './model-choice.ts'
import type { RetryPolicy } from './retry-policy.ts'

type Message = MessageOf<typeof modelCallContract>

/** What the runner tells. Nobody else can send these. */
export type CallReport =
  | ({ readonly type: 'call.reserved' } & Reservation)
  /** Reserved, and let through by breaker and limiter without a wait. */
  | ({ readonly type: 'attempt.opened' } & Reservation)
  | ({ readonly type: 'call.refused'; readonly error: ErrorValue } & Pick<Reservation, 'refused' | 'reasons'>)
  | { readonly type: 'attempt.admitted' }
  | { readonly type: 'attempt.barred'; readonly refused: RefusedModel; readonly error: ErrorValue }
  | { readonly type: 'attempt.completed'; readonly outcome: AttemptOutcome; readonly random: number }
  | { readonly type: 'attempt.settled'; readonly unsettled: string | null }
  | { readonly type: 'call.aborted'; readonly outcome: AttemptOutcome | null; readonly unsettled: string | null }
  | { readonly type: 'chunks.came'; readonly chunks: readonly CallChunk[]; readonly to: readonly string[] }

type Event = Message | CallReport
type Of<Type extends Event['type']> = Extract<Event, { readonly type: Type }>

/** What the chart tells its runner to do. */
export type CallCommand =
  | {
      readonly type: 'reserve' | 'admit' | 'stream' | 'doubt' | 'settle' | 'abort'
      readonly context: ModelCallContext
    }
  | { readonly type: 'follow'; readonly ask: string }

interface Types {
  context: ModelCallContext
  events: Event
  input: ModelCallInput
}

/** What a model call starts from. */
export interface ModelCallPlan {
  readonly name: string
  readonly retry: RetryPolicy
}

// What becomes of a call once nothing is held any more.
const DECISIONS = [
  { guard: 'isDegraded', target: 'degraded' },
  { guard: { type: 'is', params: { verdict: 'succeed' } }, target: 'succeeded' },
  { guard: { type: 'is', params: { verdict: 'retry' } }, target: 'backing_off' },
  { guard: { type: 'is', params: { verdict: 'repair' } }, target: 'reserving' },
  { guard: { type: 'is', params: { verdict: 'fall_back' } }, target: 'reserving' },
  { guard: 'isCancelled', target: 'cancelled' },
  { target: 'failed' },
]

/**
 * The chart of one logical call, however many attempts. Each attempt is reserved, admitted, streamed and settled; then it
 * is decided whether the call has succeeded, waits and tries again, falls back to the next model, or has failed.
 */
export function modelCallMachine({ name, retry }: ModelCallPlan): AnyStateMachine {
  const setUp = setup({
    types: {} as Types,
    actions: {
      takeReservation: assign(({ context, event }) => reserved(context, event as Of<'call.reserved'>)),
      takeOpening: assign(({ context, event }) => opened(context, event as Of<'attempt.opened'>)),
      takeRefusal: assign(({ context, event }) => refused(context, event as Of<'call.refused'>)),
      takeAdmission: assign(({ context }) => admitted(context)),
      takeBar: assign(({ context, event }) => barred(context, event as Of<'attempt.barred'>)),
      conclude: assign(({ context, event }) => {
        const { outcome, random } = event as Of<'attempt.completed'>
        return ended(context, retry, outcome, random)
      }),
      close: assign(({ context, event }) => settled(context, (event as Of<'attempt.settled'>).unsettled)),
      cancel: assign(({ context, event }) => cancelled(context, (event as Of<'call.cancel'>).reason)),
      takeBack: assign(({ context, event }) => aborted(context, event as Of<'call.aborted'>)),
      addFollower: assign({
        followers: ({ context, event }) => {
          const ask = askOf(event)
          return ask === undefined ? context.followers : [...context.followers, ask]
        },
      }),
      tellFollower: enqueueActions(({ event, enqueue }) => {
        const ask = askOf(event)
        if (ask !== undefined) enqueue(sendTo('runner', { type: 'follow', ask }) as never)
      }),
      passChunks: enqueueActions(({ event, enqueue }) => {
        const { chunks, to } = event as Of<'chunks.came'>
        for (const ask of to) {
          for (const each of chunks) {
            enqueue(
              chunk(
                () => each,
                () => ask,
              ) as never,
            )
          }
        }
      }),
      answerFollowers: enqueueActions(({ context, enqueue }) => {
        if (context.followers.length === 0) return
        const result = resultOf(context)
        for (const ask of context.followers) {
          enqueue(
            reply(
              () => result,
              () => ask,
            ) as never,
          )
        }
      }),
      tellStarted: announce(({ context }: { context: ModelCallContext }) => [
        { type: 'attempt.started', model: context.current?.candidate.model, attempt: context.number },
      ]),
      tellEnded: announce(({ context }: { context: ModelCallContext }) => {
        const { model, category } = context.attempts.at(-1) ?? {}
        return [{ type: 'attempt.ended', model, attempt: context.number, category }]
      }),
      answer: reply(({ context }: { context: ModelCallContext }) => {
        const { status: _, ...soFar } = resultOf(context)
        return soFar
      }),
      reserve: sendTo('runner', ({ context }) => ({ type: 'reserve', context })),
      admit: sendTo('runner', ({ context }) => ({ type: 'admit', context })),
      stream: sendTo('runner', ({ context }) => ({ type: 'stream', context })),
      doubt: sendTo('runner', ({ context }) => ({ type: 'doubt', context })),
      settle: sendTo('runner', ({ context }) => ({ type: 'settle', context })),
      abort: sendTo('runner', ({ context }) => ({ type: 'abort', context })),
    },
    guards: {
      is: ({ context }, { verdict }: { verdict: CallVerdict }) => context.verdict === verdict,
      isHeld: ({ context }) => context.current?.held != null,
      isAnswered: ({ context, event }) =>
        context.degradations.length === 0 && (event as Of<'attempt.completed'>).outcome.answer !== null,
      isGood: ({ context }) => context.verdict === 'succeed' && context.degradations.length === 0,
      isDegraded: ({ context }) => context.verdict === 'succeed' && context.degradations.length > 0,
      isCancelled: ({ context }) => context.failure?.code === 'CANCELLED',
    },
    delays: { backoff: ({ context }) => context.delay },
  })
  const config = {
    id: name,
    context: ({ input }: { input: ModelCallInput }) => initialCall(input),
    invoke: { id: 'runner', src: 'runner' },
    initial: 'reserving',
    on: {
      'call.follow': { actions: ['addFollower', 'tellFollower'] },
      'call.status': { actions: 'answer' },
      'chunks.came': { actions: 'passChunks' },
    },
    states: {
      reserving: {
        entry: 'reserve',
        on: {
          'attempt.opened': { target: 'streaming', actions: 'takeOpening' },
          'call.reserved': { target: 'admitting', actions: 'takeReservation' },
          'call.refused': { target: 'deciding', actions: 'takeRefusal' },
          'call.cancel': { target: 'cancelling', actions: 'cancel' },
          'troupe.resumed': { actions: 'reserve' },
        },
      },
      admitting: {
        entry: 'admit',
        on: {
          'attempt.admitted': { target: 'streaming', actions: 'takeAdmission' },
          'attempt.barred': [
            { guard: 'isHeld', target: 'settling', actions: 'takeBar' },
            { target: 'deciding', actions: 'takeBar' },
          ],
          'call.cancel': { target: 'cancelling', actions: 'cancel' },
          'troupe.resumed': { actions: 'admit' },
        },
      },
      streaming: {
        entry: ['tellStarted', 'stream'],
        on: {
          'attempt.completed': [
            { guard: 'isHeld', target: 'settling', actions: ['conclude', 'tellEnded'] },
            // Most calls end here: they are not led by way of a decision that is none.
            { guard: 'isAnswered', target: 'succeeded', actions: ['conclude', 'tellEnded'] },
            { target: 'deciding', actions: ['conclude', 'tellEnded'] },
          ],
          'call.cancel': { target: 'cancelling', actions: 'cancel' },
          // Whether the request left, and what it cost, nobody knows any more.
          'troupe.resumed': { actions: 'doubt' },
        },
      },
      settling: {
        entry: 'settle',
        on: {
          'attempt.settled': [
            { guard: 'isGood', target: 'succeeded', actions: 'close' },
            { target: 'deciding', actions: 'close' },
          ],
          'call.cancel': { actions: 'cancel' },
          'troupe.resumed': { actions: 'settle' },
        },
      },
      deciding: { always: DECISIONS },
      backing_off: {
        after: { backoff: 'reserving' },
        on: { 'call.cancel': { target: 'cancelled', actions: 'cancel' } },
      },
      cancelling: {
        entry: 'abort',
        on: {
          'call.aborted': { target: 'cancelled', actions: 'takeBack' },
          'troupe.resumed': { actions: 'abort' },
        },
      },
      succeeded: { type: 'final', entry: 'answerFollowers' },
      degraded: { type: 'final', entry: 'answerFollowers' },
      failed: { type: 'final', entry: 'answerFollowers' },
      cancelled: { type: 'final', entry: 'answerFollowers' },
    },
    output: ({ context }: { context: ModelCallContext }) => resultOf(context),
  }
  return setUp.createMachine(config as never) as unknown as AnyStateMachine
}
