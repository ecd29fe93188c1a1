import { type AnyStateMachine, assign, enqueueActions, raise, sendTo, setup } from 'xstate'
import { announce, reply } from '../runtime/protocol/message-actions.ts'
import {
  backoffDelay,
  begin,
  cancel,
  close,
  type Closing,
  closingStatus,
  interrupt,
  mustClose,
  report,
  retry,
  settle,
  type StepOutcome,
  type StepProgress,
} from './workflow-changes.ts'
import { initialContext, isReady, outputOf, viewRun, type WorkflowContext } from './workflow-context.ts'
import { hasEnoughItems, lateness, lengthOf } from './workflow-lateness.ts'
import { lanesChart } from './workflow-lanes.ts'
import { backoffOf, type Edge, isChain } from './workflow-step-states.ts'
import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'

/** What the chart tells its runner to do. */
export type RunnerCommand =
  | {
      readonly type: 'step.decide' | 'step.run' | 'step.resume'
      readonly step: string
      readonly context: WorkflowContext
    }
  | { readonly type: 'step.abort'; readonly step: string }
  | { readonly type: 'run.close'; readonly context: WorkflowContext }

/** What the runner tells, and what the chart raises. Nobody else can send these. */
interface RunEvent {
  readonly type: string
  readonly at?: number
  readonly outcome?: StepOutcome
  readonly progress?: StepProgress
  readonly closing?: Closing
  readonly reason?: string
}

interface Types {
  context: WorkflowContext
  events: RunEvent
  input: unknown
}

interface StepParams {
  readonly step: string
}

interface NextParams extends StepParams {
  readonly next: string | null
}

const CANCELLED = 'the run was cancelled'

/** The ways a run can end. */
const ENDS: readonly Edge[] = [
  { guard: 'isCompleted', target: '#completed' },
  { guard: 'isDegraded', target: '#degraded' },
  { guard: 'isFailed', target: '#failed' },
  { target: '#cancelled' },
]

/**
 * Compiles a plan to a chart. One lane is a chain of steps, several stand side by side; all work is done by the actor
 * `runner`, which takes the commands and tells what came of them.
 */
export function workflowMachine(plan: WorkflowPlan): AnyStateMachine {
  const stepOf = (name: string): PlannedStep => plan.byName.get(name) as PlannedStep
  const lateOutcome = (context: WorkflowContext, step: string): StepOutcome => lateness(context, stepOf(step))
  const canRetry = (context: WorkflowContext, step: string): boolean =>
    (context.steps[step]?.attempts ?? 0) <= stepOf(step).retries

  const tellNews = announce(({ context }: { context: WorkflowContext }) => context.news)
  const expired = `the run timed out after ${lengthOf(plan.timeout ?? 0)}`
  const setUp = setup({
    types: {} as Types,
    actions: {
      begin: assign(({ context, event }, { step }: StepParams) => begin(plan, context, step, event.at ?? null)),
      settle: assign(({ context, event }, { step, next }: NextParams) =>
        settle(plan, context, step, event.outcome as StepOutcome, next),
      ),
      retry: assign(({ context, event }, { step }: StepParams) =>
        retry(plan, context, step, event.outcome as StepOutcome),
      ),
      report: assign(({ context, event }, { step }: StepParams) =>
        report(plan, context, step, event.progress as StepProgress),
      ),
      timeOut: assign(({ context }, { step, next }: NextParams) =>
        settle(plan, context, step, lateOutcome(context, step), next),
      ),
      retryLate: assign(({ context }, { step }: StepParams) => retry(plan, context, step, lateOutcome(context, step))),
      cancel: assign(({ context, event }) => cancel(context, 'cancelled', event.reason ?? CANCELLED)),
      expire: assign(({ context }) => cancel(context, 'failed', expired)),
      cancelOutput: assign(({ context, event }) => interrupt(context, 'cancelled', event.reason ?? CANCELLED)),
      expireOutput: assign(({ context }) => interrupt(context, 'failed', expired)),
      close: assign(({ context, event }) => close(plan, context, event.closing as Closing)),
      announce: tellNews,
      answer: reply(({ context }: { context: WorkflowContext }) => viewRun(plan, context)),
      decide: sendTo('runner', ({ context }, { step }: StepParams) => ({ type: 'step.decide', step, context })),
      run: sendTo('runner', ({ context }, { step }: StepParams) => ({ type: 'step.run', step, context })),
      // A run that was brought up to another list of steps may stand in one that has not begun.
      resume: enqueueActions<WorkflowContext, RunEvent, StepParams, RunEvent, never, never, never, never, never>(
        ({ context, enqueue }, { step }: StepParams) => {
          const isUnderWay = context.steps[step]?.status === 'running'
          if (!isUnderWay) {
            enqueue.assign(({ context: before }) => begin(plan, before, step, null))
            enqueue(tellNews)
          }
          const type = isUnderWay ? 'step.resume' : 'step.run'
          enqueue.sendTo('runner', ({ context: now }) => ({ type, step, context: now }))
        },
      ),
      abort: sendTo('runner', (_, { step }: StepParams) => ({ type: 'step.abort', step })),
      closeRun: sendTo('runner', ({ context }) => ({ type: 'run.close', context })),
    },
    guards: {
      isReady: ({ context }, { step }: StepParams) => isReady(context, stepOf(step)),
      isSkipped: ({ context }, { step }: StepParams) => context.steps[step]?.status === 'skipped',
      canRetry: ({ context, event }, { step }: StepParams) => canRetry(context, step) && event.outcome?.final !== true,
      hasEnough: ({ context }, { step }: StepParams) => hasEnoughItems(context, stepOf(step)),
      isMakingOutput: ({ context }) => context.status === 'completed' || context.status === 'degraded',
      isOver: ({ context }) => context.open === 0,
      mustClose: ({ context }) => mustClose(plan, context),
      isCompleted: ({ context, event }) => closingStatus(context, event.closing) === 'completed',
      isDegraded: ({ context, event }) => closingStatus(context, event.closing) === 'degraded',
      isFailed: ({ context, event }) => closingStatus(context, event.closing) === 'failed',
    },
    delays: Object.fromEntries(
      plan.steps.map((step) => [
        backoffOf(step),
        ({ context }: { context: WorkflowContext }) => backoffDelay(plan, context, step.name),
      ]),
    ),
  })

  const steps = lanesChart(plan)
  const config = {
    id: plan.name,
    ...(plan.version === null ? {} : { version: plan.version }),
    context: ({ input }: { input: unknown }) => initialContext(plan, input),
    invoke: { id: 'runner', src: 'runner' },
    initial: steps.first,
    ...(plan.timeout === null ? {} : { after: { [plan.timeout]: { actions: [raise({ type: 'run.expired' })] } } }),
    on: { 'workflow.status': { actions: ['answer'] } },
    states: {
      ...steps.states,
      // A chain that makes an output knows where it ends.
      ...(isChain(plan) && plan.output
        ? {}
        : { ending: { id: 'ending', always: [{ guard: 'mustClose', target: '#closing' }, ...ENDS] } }),
      closing: {
        id: 'closing',
        entry: ['closeRun'],
        on: {
          ...(plan.durable ? { 'troupe.resumed': { actions: ['closeRun'] } } : {}),
          'run.closed': ENDS.map((edge) => ({ ...edge, actions: ['close', 'announce'] })),
          // Entered anew, it asks for the time alone.
          'workflow.cancel': { guard: 'isMakingOutput', target: 'closing', reenter: true, actions: ['cancelOutput'] },
          'run.expired': { guard: 'isMakingOutput', target: 'closing', reenter: true, actions: ['expireOutput'] },
        },
      },
      completed: { id: 'completed', type: 'final' },
      degraded: { id: 'degraded', type: 'final' },
      failed: { id: 'failed', type: 'final' },
      cancelled: { id: 'cancelled', type: 'final' },
    },
    output: ({ context }: { context: WorkflowContext }) => outputOf(plan, context),
  }
  // A chart made of data cannot be typed state by state; the plan is checked instead.
  return setUp.createMachine(config as never) as unknown as AnyStateMachine
}
