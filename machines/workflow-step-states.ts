import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'

/**
 * The states of one step. A step that ends well goes straight on to the next of its lane; it rests in a state of its own
 * only where its lane ends. What the steps before came to is in the context, by name.
 */

/** A transition as XState's config has it. */
export type Edge = Readonly<{ guard?: string | Named; target?: string; actions?: readonly (string | Named)[] }>
type Named = Readonly<{ type: string; params: Readonly<Record<string, unknown>> }>

/** A state as XState's config has it. */
export interface StateConfig {
  readonly id?: string
  readonly initial?: string
  readonly type?: 'final' | 'parallel'
  readonly states?: Readonly<Record<string, StateConfig>>
  readonly entry?: readonly (string | Named)[]
  readonly on?: Readonly<Record<string, Edge | readonly Edge[]>>
  readonly after?: Readonly<Record<string | number, Edge | readonly Edge[]>>
  readonly always?: Edge | readonly Edge[]
}

/** The name of the delay before the next attempt at a step. */
export function backoffOf({ name }: PlannedStep): string {
  return `${name} backoff`
}

/** The id of a step's state. */
function stepId(name: string): string {
  return `step:${name}`
}

/** Where a step stands in its lane. */
export interface StepPlace {
  /** What comes after it. */
  readonly next: PlannedStep | null
  readonly first: boolean
  /** Where the run goes from a state in which the lane ends; undefined when other lanes may be open. */
  readonly ends: readonly Edge[] | undefined
}

/** The state of a step. */
export function stepState(plan: WorkflowPlan, step: PlannedStep, { next, first, ends }: StepPlace): StateConfig {
  const { name, after, conditional, retries } = step
  const waits = after.length > (first ? 0 : 1)
  const onward = next ? targetOf(next) : 'done'
  const end: StateConfig = ends ? { always: ends } : {}
  const chart: Chart = { step, next, onward, stops: stopsOf(plan, name) }
  return {
    id: stepId(name),
    initial: waits ? 'waiting' : conditional ? 'deciding' : 'running',
    states: {
      ...(waits ? { waiting: waiting(chart) } : {}),
      ...(conditional ? { deciding: deciding(chart) } : {}),
      running: running(chart),
      ...(retries > 0 ? { retrying: retrying(chart) } : {}),
      ...(next ? {} : { done: end, degraded: end }),
      ...(waits || (conditional && !next) ? { skipped: end } : {}),
      ...(step.optional && next ? {} : { failed: end }),
      cancelled: end,
    },
  }
}

interface Chart {
  readonly step: PlannedStep
  readonly next: PlannedStep | null
  /** Where the lane goes on. */
  readonly onward: string
  readonly stops: Readonly<Record<string, Edge>>
}

function waiting({ step, stops }: Chart): StateConfig {
  const { name, conditional } = step
  return {
    always: [
      { guard: named('isSkipped', { step: name }), target: 'skipped' },
      conditional
        ? { guard: named('isReady', { step: name }), target: 'deciding' }
        : {
            guard: named('isReady', { step: name }),
            target: 'running',
            actions: [named('begin', { step: name }), 'announce'],
          },
    ],
    on: stops,
  }
}

function deciding({ step, next, onward, stops }: Chart): StateConfig {
  const { name } = step
  return {
    entry: [named('decide', { step: name })],
    on: {
      [`step.${name}.wanted`]: { target: 'running', actions: [named('begin', { step: name }), 'announce'] },
      [`step.${name}.unwanted`]: ending(step, next, next ? onward : 'skipped'),
      [`step.${name}.failed`]: failing(step, next, onward),
      ...stops,
    },
    ...(step.timeout === null ? {} : { after: { [step.timeout]: failingLate(step, next, onward) } }),
  }
}

function running({ step, next, onward, stops }: Chart): StateConfig {
  const { name, kind, timeout, retries } = step
  const again = { guard: named('canRetry', { step: name }), target: 'retrying' }
  const retry = { ...again, actions: [named('retry', { step: name }), 'announce'] }
  const late = named('timeOut', { step: name, next: direct(next) })
  const abort = named('abort', { step: name })
  return {
    entry: [named('run', { step: name })],
    on: {
      [`step.${name}.done`]: ending(step, next, onward),
      [`step.${name}.degraded`]: ending(step, next, next ? onward : 'degraded'),
      [`step.${name}.failed`]: [...(retries > 0 ? [retry] : []), failing(step, next, onward)],
      [`step.${name}.progress`]: { actions: [named('report', { step: name }), 'announce'] },
      ...stops,
    },
    ...(timeout === null
      ? {}
      : {
          after: {
            [timeout]: [
              ...(retries > 0 ? [{ ...again, actions: [abort, named('retryLate', { step: name }), 'announce'] }] : []),
              ...(kind === 'map'
                ? [
                    {
                      guard: named('hasEnough', { step: name }),
                      target: next ? onward : 'degraded',
                      actions: [abort, late, 'announce'],
                    },
                  ]
                : []),
              failingLate(step, next, onward),
            ],
          },
        }),
  }
}

function retrying({ step, stops }: Chart): StateConfig {
  const again = { target: 'running', actions: [named('begin', { step: step.name }), 'announce'] }
  return { after: { [backoffOf(step)]: again }, on: stops }
}

function ending(step: PlannedStep, next: PlannedStep | null, target: string): Edge {
  return { target, actions: [named('settle', { step: step.name, next: direct(next) }), 'announce'] }
}

function failing(step: PlannedStep, next: PlannedStep | null, onward: string): Edge {
  if (step.optional && next) return ending(step, next, onward)
  return ending(step, null, 'failed')
}

function failingLate(step: PlannedStep, next: PlannedStep | null, onward: string): Edge {
  const { name, optional } = step
  const late = named('timeOut', { step: name, next: optional ? direct(next) : null })
  return {
    target: optional && next ? onward : 'failed',
    actions: [named('abort', { step: name }), late, 'announce'],
  }
}

// A step begins in the same transition in which the one before it ends, when it has nothing else to wait for.
function direct(next: PlannedStep | null): string | null {
  return next && next.after.length === 1 && !next.conditional ? next.name : null
}

function targetOf(step: PlannedStep): string {
  if (step.after.length > 1) return `#${stepId(step.name)}.waiting`
  return `#${stepId(step.name)}.${step.conditional ? 'deciding' : 'running'}`
}

function stopsOf(plan: WorkflowPlan, name: string): Readonly<Record<string, Edge>> {
  const target = `#${stepId(name)}.cancelled`
  return {
    'workflow.cancel': { target, actions: ['cancel'] },
    ...(plan.timeout === null ? {} : { 'run.expired': { target, actions: ['expire'] } }),
  }
}

function named(type: string, params: Readonly<Record<string, unknown>>): Named {
  return { type, params }
}
