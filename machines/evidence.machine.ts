import { type AnyStateMachine, assign, enqueueActions, sendTo, setup } from 'xstate'
import type { MessageOf } from '../runtime/protocol/contract.ts'
import { announce, askOf, chunk, reply } from '../runtime/protocol/message-actions.ts'
import { compared, concluded, opened, PAIR, refused, started, stopped, took } from './evidence-changes.ts'
import {
  type EvidenceAmount,
  type EvidenceContext,
  type EvidencePlan,
  isAgreed,
  newEvidence,
  runningOf,
} from './evidence-context.ts'
import type { evidenceContract, EvidenceInput, EvidenceReason, ReplicateOutcome } from './evidence.contract.ts'

type Message = MessageOf<typeof evidenceContract>

/** What the runner tells. Nobody else can send these. */
export type EvidenceReport =
  | { readonly type: 'bundle.opened'; readonly at: number; readonly left: EvidenceAmount }
  | { readonly type: 'bundle.refused'; readonly at: number; readonly reason: EvidenceReason; readonly message: string }
  | { readonly type: 'replicate.ended'; readonly id: string; readonly at: number; readonly outcome: ReplicateOutcome }

type Event = Message | EvidenceReport | { readonly type: 'troupe.resumed' }
type Of<Type extends Event['type']> = Extract<Event, { readonly type: Type }>

/** What the chart tells its runner to do. */
export type EvidenceCommand =
  | { readonly type: 'open'; readonly input: EvidenceInput }
  | { readonly type: 'start'; readonly ids: readonly string[]; readonly input: EvidenceInput }
  | { readonly type: 'abort'; readonly ids: readonly string[] }

/**
 * The chart of a bundle: two replicates at once; if they agree that is all, else the rest. What is running when it is
 * cancelled, out of time or out of budget is called back, and what is there is kept.
 */
export function evidenceMachine(plan: EvidencePlan): AnyStateMachine {
  const start = (ids: readonly string[], { input }: EvidenceContext) =>
    sendTo('runner', { type: 'start', ids, input } as const)
  const setUp = setup({
    types: {} as { context: EvidenceContext; events: Event; input: EvidenceInput },
    delays: { timeout: plan.timeout },
    guards: {
      isOver: ({ context }) => context.reason !== null,
      isQuiet: ({ context }) => runningOf(context).length === 0,
      isAgreed: ({ context }) => isAgreed(context),
      isOf: ({ context }, { status }: { status: string }) => context.bundle?.status === status,
      isWhole: ({ context }) => context.replicates.length >= context.planned,
    },
    actions: {
      open: sendTo('runner', ({ context }) => ({ type: 'open', input: context.input })),
      begin: assign(({ context, event }) => opened(context, plan, event as Of<'bundle.opened'>)),
      takeRefusal: assign(({ context, event }) => refused(context, event as Of<'bundle.refused'>)),
      callOff: assign({ calledOff: ({ event }) => (event as Of<'evidence.cancel'>).reason }),
      startPair: assign(({ context }) => started(context, PAIR)),
      startRest: assign(({ context }) => started(context, context.planned)),
      runReplicates: enqueueActions(({ context, enqueue }) => {
        const ids = runningOf(context)
        if (ids.length > 0) enqueue(start(ids, context) as never)
      }),
      abort: enqueueActions(({ context, enqueue }) => {
        const ids = runningOf(context)
        if (ids.length > 0) enqueue(sendTo('runner', { type: 'abort', ids }) as never)
      }),
      take: assign(({ context, event }) => took(context, plan, event as Of<'replicate.ended'>)),
      compare: assign(({ context }) => compared(context)),
      cancel: assign(({ context, event }) => stopped(context, 'cancelled', (event as Of<'evidence.cancel'>).reason)),
      runOut: assign(({ context }) => {
        const late = { ...context, at: Math.max(context.at, context.startedAt + plan.timeout) }
        return stopped(late, 'timeout', `it was not done within ${plan.timeout} ms`)
      }),
      conclude: assign(({ context }) => concluded(context, plan)),
      tell: enqueueActions(({ context, enqueue }) => {
        const fresh = context.events.slice(context.told)
        if (fresh.length === 0) return
        enqueue(announce(fresh) as never)
        for (const ask of context.followers) for (const event of fresh) enqueue(piece(event, ask) as never)
        enqueue.assign({ told: context.events.length })
      }),
      follow: enqueueActions(({ context, event, enqueue }) => {
        const ask = askOf(event)
        if (ask === undefined) return
        enqueue.assign({ followers: [...context.followers, ask] })
        const { after } = event as Of<'evidence.follow'>
        for (const past of context.events) if (past.seq > after) enqueue(piece(past, ask) as never)
      }),
      answerFollowers: enqueueActions(({ context, enqueue }) => {
        for (const ask of context.followers) {
          enqueue(
            reply(
              () => context.bundle,
              () => ask,
            ) as never,
          )
        }
      }),
    },
  })
  const config = {
    id: plan.name,
    context: ({ input }: { input: EvidenceInput }) => newEvidence(plan, input),
    invoke: { id: 'runner', src: 'runner' },
    initial: 'opening',
    on: { 'evidence.follow': { actions: 'follow' } },
    states: {
      opening: {
        entry: 'open',
        on: {
          'bundle.opened': { target: 'running', actions: ['begin', 'tell'] },
          'bundle.refused': { target: 'concluding', actions: ['takeRefusal', 'tell'] },
          'evidence.cancel': { actions: 'callOff' },
          'troupe.resumed': { actions: 'open' },
        },
      },
      running: {
        initial: 'starting',
        after: { timeout: { target: 'stopping', actions: ['runOut', 'tell'] } },
        on: {
          'replicate.ended': { actions: ['take', 'tell'] },
          'evidence.cancel': { target: 'stopping', actions: ['cancel', 'tell'] },
          // What has ended is not run again.
          'troupe.resumed': { actions: 'runReplicates' },
        },
        states: {
          starting: {
            always: [
              { guard: 'isOver', target: '#concluding' },
              { target: 'pairing', actions: ['startPair', 'tell', 'runReplicates'] },
            ],
          },
          pairing: {
            always: [
              { guard: 'isQuiet', target: 'comparing', actions: ['compare', 'tell'] },
              { guard: 'isOver', target: '#stopping' },
            ],
          },
          comparing: {
            always: [
              { guard: 'isAgreed', target: '#concluding' },
              { guard: 'isOver', target: '#concluding' },
              { guard: 'isWhole', target: '#concluding' },
              { target: 'extending', actions: ['startRest', 'tell', 'runReplicates'] },
            ],
          },
          extending: {
            always: [
              { guard: 'isQuiet', target: '#concluding' },
              { guard: 'isOver', target: '#stopping' },
            ],
          },
        },
      },
      stopping: {
        id: 'stopping',
        entry: 'abort',
        on: {
          'replicate.ended': { actions: ['take', 'tell'] },
          'troupe.resumed': { actions: 'abort' },
        },
        always: { guard: 'isQuiet', target: 'concluding' },
      },
      concluding: {
        id: 'concluding',
        entry: ['conclude', 'tell'],
        always: ['succeeded', 'partial', 'degraded', 'failed', 'cancelled'].map((status) => ({
          guard: { type: 'isOf', params: { status } },
          target: status,
        })),
      },
      succeeded: { type: 'final', entry: 'answerFollowers' },
      partial: { type: 'final', entry: 'answerFollowers' },
      degraded: { type: 'final', entry: 'answerFollowers' },
      failed: { type: 'final', entry: 'answerFollowers' },
      cancelled: { type: 'final', entry: 'answerFollowers' },
    },
    output: ({ context }: { context: EvidenceContext }) => ({
      question: context.input.question,
      bundle: context.bundle,
      events: context.events,
    }),
  }
  return setUp.createMachine(config as never) as unknown as AnyStateMachine
}

function piece(event: unknown, ask: string): unknown {
  return chunk(
    () => event,
    () => ask,
  )
}
