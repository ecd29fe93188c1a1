import type { CodecMachine } from './snapshot-codec.ts'

/**
 * A chart as its versions are compared by: its states and what leads from one to another. XState's machines have this
 * shape; what their functions do is no part of it.
 */

/** The part of a state machine that its structure is read from. */
export interface ChartMachine extends CodecMachine {
  readonly root: ChartNode
  readonly implementations: {
    readonly actions: Readonly<Record<string, unknown>>
    readonly actors: Readonly<Record<string, unknown>>
    readonly delays: Readonly<Record<string, unknown>>
  }
}

/** One state of a chart. */
export interface ChartNode {
  readonly id: string
  readonly key: string
  readonly path: readonly string[]
  readonly type: string
  readonly history: string | false
  readonly states: Readonly<Record<string, ChartNode>>
  readonly initial: ChartEdge
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly ChartInvoke[]
  readonly transitions: ReadonlyMap<string, readonly ChartEdge[]>
  readonly always?: readonly ChartEdge[] | undefined
  readonly after: readonly ChartDelay[]
}

/** A transition. Without a target it stays; `undefined` forbids the event. */
export interface ChartEdge {
  readonly target?: readonly ChartNode[] | undefined
  readonly actions: readonly unknown[]
  readonly guard?: unknown
  readonly reenter?: boolean
}

/** What a state starts when it is entered. */
export interface ChartInvoke {
  readonly id: string
  readonly src: string
}

/** A delayed transition; its timer has the type of its event as its id. */
export interface ChartDelay {
  readonly eventType: string
  /** Milliseconds, or the name of a delay. */
  readonly delay: unknown
}

/** The chart of actor logic; null for transition logic and for leaf logic, which have none. */
export function chartOf(logic: unknown): ChartMachine | null {
  return typeof logic === 'object' && logic !== null && '__xstatenode' in logic
    ? (logic as unknown as ChartMachine)
    : null
}

/** Every state, parents first, in the order of the chart. */
export function* nodesOf(node: ChartNode): Generator<ChartNode> {
  yield node
  for (const child of Object.values(node.states)) yield* nodesOf(child)
}

/** True when some state has a transition for the event, exact or by a wildcard. */
export function takesEvent(machine: ChartMachine, type: string): boolean {
  for (const { transitions } of nodesOf(machine.root)) {
    for (const descriptor of transitions.keys()) if (matches(descriptor, type)) return true
  }
  return false
}

function matches(descriptor: string, type: string): boolean {
  if (descriptor === '*' || descriptor === type) return true
  if (!descriptor.endsWith('.*')) return false
  const stem = descriptor.slice(0, -2)
  return type === stem || type.startsWith(`${stem}.`)
}
