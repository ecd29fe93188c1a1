import type { AnyActorScope } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import { TroupeError } from '../protocol/errors.ts'
import { type ChartRun, type ChartSnapshot, viewOfRun } from './chart-run.ts'
import { type ChartLoan, chartStart, chartStep } from './chart-step.ts'
import type { HostedLogic } from './hosted-logic.ts'

/**
 * The pure step: it leads to the next snapshot and says which actions belong to it; nothing runs. A chart that fits tables
 * is stepped by them, any other by XState. One scope is made once and lent to each step in turn, which alone makes a step
 * four times cheaper than XState's public `transition`.
 */
export interface Stepper<Actor> {
  initial(hosted: HostedLogic, input: unknown, actor: Actor): Step
  /** Throws what the transition throws. */
  transition(hosted: HostedLogic, snapshot: AnySnapshot, event: MessageEvent, actor: Actor): Step
}

/** What a step leads to. */
export interface Step {
  readonly snapshot: AnySnapshot
  readonly actions: readonly ActionObject[]
}

/** The facts every kind of snapshot has; machines add value, context and children. */
export interface AnySnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output: unknown
  readonly error: unknown
  readonly value?: unknown
  readonly context?: unknown
  readonly tags?: ReadonlySet<string>
  readonly children?: Record<string, unknown>
}

/** An action as XState returns it. `info` and `exec` are for custom actions: built-in ones are carried out by the kernel. */
export interface ActionObject {
  readonly type: string
  readonly params: unknown
  readonly info: unknown
  readonly exec: ((info: unknown, params: unknown) => unknown) | undefined
}

const NONE: readonly ActionObject[] = Object.freeze([])

/** Makes the stepper of one node. `selfOf` gives what a machine sees as `self`, and is called only if it looks. */
export function createStepper<Actor>(selfOf: (actor: Actor) => unknown, system: object): Stepper<Actor> {
  let actions: ActionObject[] | null = null
  let current: Actor | null = null
  let spawned = false
  const collect = (action: ActionObject): void => {
    if (actions) actions.push(action)
    else actions = [action]
  }
  const scope = {
    get self() {
      return current === null ? undefined : selfOf(current)
    },
    id: '',
    sessionId: '',
    system,
    logger: () => {},
    // Only a spawner handed to `assign` defers during a step: every built-in action arrives as data instead.
    defer: () => {
      spawned = true
    },
    emit: () => {},
    stopChild: () => {},
    actionExecutor: collect,
  }
  const lent = scope as unknown as AnyActorScope

  function begin(actor: Actor): void {
    current = actor
    actions = null
    spawned = false
    // A step that threw may have left XState's wrapper in place.
    scope.actionExecutor = collect
  }

  function end(snapshot: AnySnapshot): Step {
    if (spawned) throw hiddenSpawn()
    return { snapshot, actions: actions ?? NONE }
  }

  const loan: ChartLoan = {
    scope,
    spawn: () => {
      spawned = true
      throw hiddenSpawn()
    },
  }

  function endRun(run: ChartRun): Step {
    if (spawned) throw hiddenSpawn()
    return { snapshot: viewOfRun(run), actions: run.actions ?? NONE }
  }

  return {
    initial(hosted, input, actor) {
      begin(actor)
      if (hosted.chart) return endRun(chartStart(hosted.chart, input, loan))
      return end(hosted.logic.getInitialSnapshot(lent, input) as AnySnapshot)
    },
    transition(hosted, snapshot, event, actor) {
      begin(actor)
      const run = hosted.chart && chartStep(hosted.chart, snapshot as ChartSnapshot, event, loan)
      if (run) return endRun(run)
      return end(hosted.logic.transition(snapshot, event, lent) as AnySnapshot)
    },
  }
}

/** The part of XState's actor system that a step touches. It books ids for stand-ins and does nothing. */
export function inertSystem(): object {
  let ids = 0
  const nothing = (): void => {}
  return {
    _bookId: () => `x:${ids++}`,
    _register: nothing,
    _unregister: nothing,
    _set: nothing,
    _relay: nothing,
    _sendInspectionEvent: nothing,
    _logger: nothing,
    _clock: { setTimeout: nothing, clearTimeout: nothing },
    scheduler: { schedule: nothing, cancel: nothing, cancelAll: nothing },
    get: () => undefined,
    getAll: () => ({}),
  }
}

function hiddenSpawn(): TroupeError {
  return new TroupeError('INVALID_MESSAGE', 'an actor was spawned inside assign', {
    hint: "use the action spawnChild('src', { id }) and address the child by its id",
  })
}
