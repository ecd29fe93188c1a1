import type { AnyStateMachine } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import type { ChartNode } from './chart-node.ts'
import type { ChartConfiguration } from './chart-table.ts'
import type { ActionObject, AnySnapshot } from './step.ts'

/** A snapshot of a machine as XState makes it. */
export interface ChartSnapshot extends AnySnapshot {
  readonly machine: AnyStateMachine
  readonly context: object
  readonly _nodes: readonly ChartNode[]
  readonly value: unknown
  readonly tags: ReadonlySet<string>
  readonly children: Record<string, unknown>
  readonly historyValue: object
}

/** The methods that XState gives a snapshot. */
export interface SnapshotMethods {
  readonly matches: unknown
  readonly hasTag: unknown
  readonly can: unknown
  readonly getMeta: unknown
  readonly toJSON: unknown
}

/** What XState calls the scope of an actor: who it is, as its functions see it. */
export interface ChartScope {
  readonly self: unknown
  readonly system: object
}

/** One step on its way: what XState would hold in a row of snapshots. */
export interface ChartRun {
  readonly machine: AnyStateMachine
  readonly methods: SnapshotMethods
  readonly scope: ChartScope
  /** What `assign` hands out as `spawn`. */
  readonly spawn: () => never
  context: object
  children: Record<string, unknown>
  readonly historyValue: object
  configuration: ChartConfiguration
  nodes: readonly ChartNode[]
  value: unknown
  tags: ReadonlySet<string>
  status: AnySnapshot['status']
  output: unknown
  error: unknown
  /** How often XState would have made another snapshot. */
  changes: number
  /** How often it has gone to another configuration. */
  moves: number
  /** The snapshot as it is now; null when one has to be made. */
  view: ChartSnapshot | null
  /** Events raised in this step that have not been taken yet. */
  queue: MessageEvent[] | null
  actions: ActionObject[] | null
}

/** Begins a step from a snapshot. */
export function runFrom(
  snapshot: ChartSnapshot,
  configuration: ChartConfiguration,
  lent: Pick<ChartRun, 'methods' | 'scope' | 'spawn'>,
): ChartRun {
  return {
    machine: snapshot.machine,
    methods: lent.methods,
    scope: lent.scope,
    spawn: lent.spawn,
    context: snapshot.context,
    children: snapshot.children,
    historyValue: snapshot.historyValue,
    configuration,
    nodes: snapshot._nodes,
    value: snapshot.value,
    tags: snapshot.tags,
    status: snapshot.status,
    output: snapshot.output,
    error: snapshot.error,
    changes: 0,
    moves: 0,
    view: snapshot,
    queue: null,
    actions: null,
  }
}

/** Says that the next snapshot differs from the last. */
export function touch(run: ChartRun): void {
  run.changes++
  run.view = null
}

/** Lists what the kernel has to do. */
export function list(run: ChartRun, action: ActionObject): void {
  if (run.actions) run.actions.push(action)
  else run.actions = [action]
}

/** The snapshot as it is now. Field by field as XState writes them, so that nobody can tell who made it. */
export function viewOfRun(run: ChartRun): ChartSnapshot {
  if (run.view) return run.view
  const { methods } = run
  const view = {
    status: run.status,
    output: run.output,
    error: run.error,
    machine: run.machine,
    context: run.context,
    _nodes: run.nodes,
    value: run.value,
    tags: run.tags,
    children: run.children,
    historyValue: run.historyValue,
    matches: methods.matches,
    hasTag: methods.hasTag,
    can: methods.can,
    getMeta: methods.getMeta,
    toJSON: methods.toJSON,
  }
  run.view = view
  return view
}
