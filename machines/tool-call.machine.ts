import { type AnyActorLogic, type AnyStateMachine, assign, fromPromise, setup } from 'xstate'
import type { ContractTypes } from '../runtime/protocol/contract.ts'
import { errorValue, type ErrorValue } from '../runtime/protocol/errors.ts'
import { announce } from '../runtime/protocol/message-actions.ts'
import type { CallFailure } from './model-failure.ts'
import {
  begin,
  choiceOf,
  errorOfTool,
  expire,
  fail,
  finish,
  type FoundTool,
  initialToolCall,
  judge,
  lateFailure,
  note,
  succeed,
  take,
  type ToolCallContext,
  toolCallOutputOf,
} from './tool-call-changes.ts'
import type { toolCallContract } from './tool-call.contract.ts'

/** What one attempt came to, as the hands tell it. */
export type ToolOutcome =
  | { readonly status: 'done'; readonly value: unknown }
  | { readonly status: 'failed'; readonly failure: CallFailure }

type OutcomeOf<Status> = Extract<ToolOutcome, { readonly status: Status }>

/** What the tool tells on the way. */
interface NotedEvent {
  readonly type: 'tool.noted'
  readonly note: string
}

const unprovided: AnyActorLogic = fromPromise(() => Promise.reject(new Error('nobody provided the hands of this call')))

const outputOf = (event: unknown): unknown => (event as { readonly output?: unknown }).output
const errorIn = (event: unknown): ErrorValue => errorValue((event as { readonly error?: unknown }).error, 'CRASHED')
const noFailure = { status: null, code: null, retryAfter: null, requestId: null } as const

const setUp = setup({
  types: {} as {
    context: ToolCallContext
    events: NotedEvent
    input: ContractTypes<typeof toolCallContract>['input']
    output: ContractTypes<typeof toolCallContract>['output']
  },
  actors: { validate: unprovided, authorise: unprovided, execute: unprovided, repeat: unprovided, check: unprovided },
  actions: {
    take: assign(({ context, event }) => take(context, outputOf(event) as FoundTool)),
    begin: assign(({ context }) => begin(context)),
    note: assign(({ context, event }) => note(context, (event as NotedEvent).note)),
    succeed: assign(({ context, event }) => succeed(context, (outputOf(event) as OutcomeOf<'done'>).value)),
    judge: assign(({ context, event }) => judge(context, (outputOf(event) as OutcomeOf<'failed'>).failure)),
    judgeCutOff: assign(({ context, event }) => {
      const { code, message } = errorIn(event)
      return judge(context, { ...noFailure, category: 'unknown', message, code })
    }),
    judgeLate: assign(({ context }) => judge(context, lateFailure('an attempt', context.found?.timeout ?? 0))),
    finish: assign(({ context, event }) => finish(context, outputOf(event))),
    refuse: assign(({ context, event }) => fail(context, errorIn(event))),
    refuseOutput: assign(({ context, event }) => {
      const { message } = errorIn(event)
      return fail(context, errorOfTool(context, { ...noFailure, category: 'validation', message }))
    }),
    giveUp: assign(({ context }) => fail(context, context.error as ErrorValue)),
    expire: assign(({ context }) => expire(context)),
    tell: announce(({ context }: { context: ToolCallContext }) => context.news),
  },
  guards: {
    isIdempotent: ({ context }) => context.found?.idempotent === true,
    isDone: ({ event }) => (outputOf(event) as ToolOutcome).status === 'done',
    mustRetry: ({ context }) => context.next === 'retry',
    mustReplace: ({ context }) => context.next === 'replace',
  },
  delays: {
    deadline: ({ context }) => context.request.timeout,
    // Nothing may take longer than the call, which has an end of its own.
    attemptTimeout: ({ context }) => context.found?.timeout ?? context.request.timeout + 1,
    backoff: ({ context }) => context.delay,
  },
})

const executed = [
  { guard: 'isDone', target: '#checking', actions: ['succeed'] },
  { target: '#judging', actions: ['judge', 'tell'] },
] as const
const cutOff = { target: '#judging', actions: ['judgeCutOff', 'tell'] } as const
const whole = { input: ({ context }: { context: ToolCallContext }) => context }

/**
 * The chart of one tool call: the input is validated, the caller's grants are held against what the tool requires, it is
 * executed until its time is over, and what it gave is checked. A failure that may pass is tried again, if the tool is
 * idempotent, then the next choice takes over. A tool that may be executed twice works in `repeatedly`: what was cut off
 * there with its process is taken up again.
 */
export const toolCallMachine: AnyStateMachine = setUp.createMachine({
  id: 'tool-call',
  context: ({ input }) => initialToolCall(input),
  initial: 'working',
  states: {
    working: {
      initial: 'validating',
      after: { deadline: { target: 'failed', actions: ['expire', 'tell'] } },
      states: {
        validating: {
          invoke: {
            id: 'validate',
            src: 'validate',
            input: ({ context }: { context: ToolCallContext }) => ({
              tool: choiceOf(context).tool,
              input: context.request.input,
            }),
            onDone: { target: 'authorising', actions: ['take'] },
            onError: { target: '#failed', actions: ['refuse', 'tell'] },
          },
        },
        authorising: {
          invoke: {
            id: 'authorise',
            src: 'authorise',
            ...whole,
            onDone: [{ guard: 'isIdempotent', target: 'executing.repeatedly' }, { target: 'executing.once' }],
            onError: { target: '#failed', actions: ['refuse', 'tell'] },
          },
        },
        executing: {
          entry: ['begin', 'tell'],
          initial: 'once',
          after: { attemptTimeout: { target: 'judging', actions: ['judgeLate', 'tell'] } },
          on: { 'tool.noted': { actions: ['note', 'tell'] } },
          states: {
            once: { invoke: { id: 'execute', src: 'execute', ...whole, onDone: executed, onError: cutOff } },
            repeatedly: { invoke: { id: 'repeat', src: 'repeat', ...whole, onDone: executed, onError: cutOff } },
          },
        },
        judging: {
          id: 'judging',
          always: [
            { guard: 'mustRetry', target: 'waiting' },
            { guard: 'mustReplace', target: 'validating' },
            { target: '#failed', actions: ['giveUp', 'tell'] },
          ],
        },
        // Only what may be repeated waits for its next attempt.
        waiting: { after: { backoff: { target: 'executing.repeatedly' } } },
        checking: {
          id: 'checking',
          invoke: {
            id: 'check',
            src: 'check',
            ...whole,
            onDone: { target: '#done', actions: ['finish', 'tell'] },
            onError: { target: '#failed', actions: ['refuseOutput', 'tell'] },
          },
        },
      },
    },
    done: { id: 'done', type: 'final' },
    failed: { id: 'failed', type: 'final' },
  },
  output: ({ context }: { context: ToolCallContext }) => toolCallOutputOf(context),
})
