import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'

/**
 * The states of one step. A step that only ever works is one state of its lane; one that also waits, decides or retries
 * holds a state for each of these. A step that ends well goes straight on to the next of its lane. In a chain the end of
 * the last step is the run's; of lanes that stand side by side each rests in the end of its last step. What the steps
 * before came to is in the context, by name.
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
}

/** True for a plan of one lane: each step ends before the next begins. */
export function isChain({ lanes }: WorkflowPlan): boolean {
  return lanes.length === 1
}

/** The states of a step as they stand in its lane, by name. */
export function stepStates(plan: WorkflowPlan, step: PlannedStep, { next, first }: StepPlace): States {
  const { name, conditional, optional, retries } = step
  const waits = first ? step.after.length > 0 : mustWait(plan, step)
  const isPlain = !waits && !conditional && retries === 0
  const goalOf = (end: End): string => (isChain(plan) ? runEnd(plan, step, end) : isPlain ? `${name} ${end}` : end)
  const chart: Chart = {
    step,
    next,
    nextBegins: next && !next.conditional && !mustWait(plan, next) ? next.name : null,
    onward: next ? `#${stepId(next.name)}` : goalOf('done'),
    goalOf,
    stops: stopsOf(plan, goalOf('cancelled')),
    durable: plan.durable,
  }
  const id = stepId(name)
  const ends: readonly End[] = [
    ...(next ? [] : (['done', 'degraded'] as const)),
    ...(waits || (conditional && !next) ? (['skipped'] as const) : []),
    ...(optional && next ? [] : (['failed'] as const)),
    'cancelled',
  ]
  const rests = isChain(plan) ? {} : Object.fromEntries(ends.map((end) => [goalOf(end), {}]))
  if (isPlain) return { [name]: { id, ...running(chart) }, ...rests }
  const states = {
    ...(waits ? { waiting: waiting(chart) } : {}),
    ...(conditional ? { deciding: deciding(chart) } : {}),
    running: running(chart),
    ...(retries > 0 ? { retrying: retrying(chart) } : {}),
    ...rests,
  }
  return { [name]: { id, initial: waits ? 'waiting' : conditional ? 'deciding' : 'running', states } }
}

type States = Readonly<Record<string, StateConfig>>
type End = 'done' | 'degraded' | 'skipped' | 'failed' | 'cancelled'

interface Chart {
  readonly step: PlannedStep
  readonly next: PlannedStep | null
  /** The step that begins in the same transition in which this one ends. */
  readonly nextBegins: string | null
  /** Where the lane goes on. */
  readonly onward: string
  /** Where the step leads when its lane ends with it. */
  readonly goalOf: (end: End) => string
  readonly stops: Readonly<Record<string, Edge>>
  readonly durable: boolean
}

// In a chain nothing else can be open.
function mustWait(plan: WorkflowPlan, { after }: PlannedStep): boolean {
  return after.length > 1 && !isChain(plan)
}

// Where the run of a chain goes when a step ends it. What is certain by then needs no guard.
function runEnd(plan: WorkflowPlan, { optional }: PlannedStep, end: End): string {
  if (end === 'failed' && !optional) return '#failed'
  return end === 'cancelled' || plan.output ? '#closing' : '#ending'
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

function deciding(chart: Chart): StateConfig {
  const { step, next, onward, goalOf, stops } = chart
  const { name } = step
  return {
    entry: [named('decide', { step: name })],
    on: {
      [`step.${name}.wanted`]: { target: 'running', actions: [named('begin', { step: name }), 'announce'] },
      [`step.${name}.unwanted`]: ending(chart, next ? onward : goalOf('skipped')),
      [`step.${name}.failed`]: failing(chart),
      ...resuming(chart, 'decide'),
      ...stops,
    },
    ...(step.timeout === null ? {} : { after: { [step.timeout]: failingLate(chart) } }),
  }
}

function running(chart: Chart): StateConfig {
  const { step, next, nextBegins, onward, goalOf, stops } = chart
  const { name, kind, timeout, retries } = step
  const again = { guard: named('canRetry', { step: name }), target: 'retrying' }
  const retry = { ...again, actions: [named('retry', { step: name }), 'announce'] }
  const late = named('timeOut', { step: name, next: nextBegins })
  const abort = named('abort', { step: name })
  const afterwards = next ? onward : goalOf('degraded')
  return {
    entry: [named('run', { step: name })],
    on: {
      [`step.${name}.done`]: ending(chart, onward),
      [`step.${name}.degraded`]: ending(chart, afterwards),
      [`step.${name}.failed`]: [...(retries > 0 ? [retry] : []), failing(chart)],
      [`step.${name}.progress`]: { actions: [named('report', { step: name }), 'announce'] },
      ...resuming(chart, 'resume'),
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
                      target: afterwards,
                      actions: [abort, late, 'announce'],
                    },
                  ]
                : []),
              failingLate(chart),
            ],
          },
        }),
  }
}

function retrying({ step, stops }: Chart): StateConfig {
  const again = { target: 'running', actions: [named('begin', { step: step.name }), 'announce'] }
  return { after: { [backoffOf(step)]: again }, on: stops }
}

// The runner of a run that was cut off is a new one: it hears again what is under way.
function resuming({ step, durable }: Chart, action: 'decide' | 'resume'): Readonly<Record<string, Edge>> {
  return durable ? { 'troupe.resumed': { actions: [named(action, { step: step.name })] } } : {}
}

function ending({ step, nextBegins }: Chart, target: string): Edge {
  return { target, actions: [named('settle', { step: step.name, next: nextBegins }), 'announce'] }
}

// A failure ends the lane, unless the step is optional.
function failing({ step, next, nextBegins, onward, goalOf }: Chart): Edge {
  const goesOn = step.optional && next !== null
  const settle = named('settle', { step: step.name, next: goesOn ? nextBegins : null })
  return { target: goesOn ? onward : goalOf('failed'), actions: [settle, 'announce'] }
}

function failingLate({ step, next, nextBegins, onward, goalOf }: Chart): Edge {
  const goesOn = step.optional && next !== null
  const abort = named('abort', { step: step.name })
  const late = named('timeOut', { step: step.name, next: goesOn ? nextBegins : null })
  return { target: goesOn ? onward : goalOf('failed'), actions: [abort, late, 'announce'] }
}

function stopsOf(plan: WorkflowPlan, target: string): Readonly<Record<string, Edge>> {
  return {
    'workflow.cancel': { target, actions: ['cancel'] },
    ...(plan.timeout === null ? {} : { 'run.expired': { target, actions: ['expire'] } }),
  }
}

function named(type: string, params: Readonly<Record<string, unknown>>): Named {
  return { type, params }
}
