import { type AnyActorLogic, type AnyStateMachine, assign, fromPromise, sendTo, setup } from 'xstate'
import type { ContractTypes } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import { announce } from '../runtime/protocol/message-actions.ts'
import type { CallFailure } from './model-failure.ts'
import {
  begin,
  disown,
  expire,
  fail,
  failedOutput,
  type FoundTool,
  initialToolCall,
  judge,
  note,
  type ToolCallContext,
  successNews,
  successOutput,
} from './tool-call-changes.ts'
import type { toolCallContract, ToolCallOutput } from './tool-call.contract.ts'

/** What the runner tells. Nobody else can send these. */
export type ToolReport =
  /** An attempt has not come to something at once. */
  | { readonly type: 'attempt.began'; readonly tool: FoundTool }
  | { readonly type: 'attempt.noted'; readonly note: string }
  | { readonly type: 'attempt.succeeded'; readonly tool: FoundTool; readonly value: unknown }
  | { readonly type: 'attempt.failed'; readonly tool: FoundTool; readonly failure: CallFailure }
  /** What the tool gave does not meet its schema. */
  | { readonly type: 'attempt.disowned'; readonly tool: FoundTool; readonly message: string }
  /** There is no such tool, it does not take the input, or the caller may not. Nothing was executed. */
  | { readonly type: 'call.refused'; readonly error: ErrorValue }
  /** The time of the whole call is over; the tool is there when it was being executed. */
  | { readonly type: 'call.expired'; readonly tool: FoundTool | null }

/** What the chart tells its runner: to make an attempt, or that its process was another one before. */
export interface ToolCommand {
  readonly type: 'execute' | 'resume' | 'wait'
  readonly context: ToolCallContext
}

// The last is the runtime's, when the call goes on in another process.
type CallEvent = ToolReport | { readonly type: 'troupe.resumed' }
type Of<Type extends ToolReport['type']> = Extract<ToolReport, { readonly type: Type }>

const unprovided: AnyActorLogic = fromPromise(() => Promise.reject(new Error('nobody provided the hands of this call')))

const setUp = setup({
  types: {} as {
    context: ToolCallContext
    events: CallEvent
    input: ContractTypes<typeof toolCallContract>['input']
    output: ContractTypes<typeof toolCallContract>['output']
  },
  actors: { runner: unprovided },
  actions: {
    begin: assign(({ context, event }) => begin(context, (event as Of<'attempt.began'>).tool)),
    note: assign(({ context, event }) => note(context, (event as Of<'attempt.noted'>).note)),
    judge: assign(({ context, event }) => {
      const { tool, failure } = event as Of<'attempt.failed'>
      return judge(context, tool, failure)
    }),
    disown: assign(({ context, event }) => {
      const { tool, message } = event as Of<'attempt.disowned'>
      return disown(context, tool, message)
    }),
    refuse: assign(({ context, event }) => fail(context, (event as Of<'call.refused'>).error)),
    expire: assign(({ context, event }) => expire(context, (event as Of<'call.expired'>).tool)),
    giveUp: assign(({ context }) => fail(context, context.error as ErrorValue)),
    tell: announce(({ context }: { context: ToolCallContext }) => context.news),
    tellSuccess: announce(({ context, event }: { context: ToolCallContext; event: CallEvent }) =>
      successNews(context, (event as Of<'attempt.succeeded'>).tool),
    ),
    execute: sendTo('runner', ({ context }): ToolCommand => ({ type: 'execute', context })),
    resume: sendTo('runner', ({ context }): ToolCommand => ({ type: 'resume', context })),
    wait: sendTo('runner', ({ context }): ToolCommand => ({ type: 'wait', context })),
  },
  guards: {
    mustRetry: ({ context }) => context.next === 'retry',
    mustReplace: ({ context }) => context.next === 'replace',
  },
  delays: { backoff: ({ context }) => context.delay },
})

const reports = {
  'attempt.succeeded': { target: 'done', actions: ['tellSuccess'] },
  'attempt.failed': { target: 'judging', actions: ['judge', 'tell'] },
  'attempt.disowned': { target: 'failed', actions: ['disown', 'tell'] },
  'call.refused': { target: 'failed', actions: ['refuse', 'tell'] },
  'call.expired': { target: 'failed', actions: ['expire', 'tell'] },
  'troupe.resumed': { actions: ['resume'] },
} as const

/**
 * The chart of one tool call. For each attempt its runner validates the input, holds the caller's grants against what the
 * tool requires, executes it and checks what it gave; what takes its time is seen in `executing`. A failure that may pass
 * is tried again, if the tool is idempotent, then the next choice takes over. What was cut off with its process is taken
 * up again if it may be.
 */
export const toolCallMachine: AnyStateMachine = setUp.createMachine({
  id: 'tool-call',
  context: ({ input }) => initialToolCall(input),
  invoke: { id: 'runner', src: 'runner' },
  initial: 'starting',
  states: {
    starting: {
      entry: 'execute',
      on: { ...reports, 'attempt.began': { target: 'executing', actions: ['begin', 'tell'] } },
    },
    executing: { on: { ...reports, 'attempt.noted': { actions: ['note', 'tell'] } } },
    judging: {
      always: [
        { guard: 'mustRetry', target: 'waiting' },
        { guard: 'mustReplace', target: 'starting' },
        { target: 'failed', actions: ['giveUp', 'tell'] },
      ],
    },
    waiting: {
      after: { backoff: { target: 'starting' } },
      on: {
        'call.expired': { target: 'failed', actions: ['expire', 'tell'] },
        'troupe.resumed': { actions: ['wait'] },
      },
    },
    // The value goes to its output as it is, and not through the memory: most calls end with their first report.
    done: {
      type: 'final',
      output: ({ context, event }) => {
        const { tool, value } = event as Of<'attempt.succeeded'>
        return successOutput(context, tool, value)
      },
    },
    failed: { type: 'final', output: ({ context }) => failedOutput(context) },
  },
  output: ({ event }) => (event as { readonly output?: unknown }).output as ToolCallOutput,
})
