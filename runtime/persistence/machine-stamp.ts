import { createHash } from 'node:crypto'
import type { MachineStamp } from '../protocol/record.ts'
import { chartOf, type ChartEdge, type ChartNode } from './chart.ts'

/**
 * Which chart wrote a record. The hash covers what a record refers to and what decides where it can go: states, events,
 * targets, the names of guards and actions, what is invoked, delays. What functions do, parameters, tags, descriptions
 * and outputs are not in it: to change those needs no migration.
 */

/** The stamp of the logic of an actor type, as its author wrote it. */
export function machineStamp(logic: unknown, type: string, version: string): MachineStamp {
  return { id: chartOf(logic)?.id ?? type, version, hash: structuralHash(logic) }
}

/** The same for the same structure, whenever it was built and in whatever order its states and events are written. */
export function structuralHash(logic: unknown): string {
  const chart = chartOf(logic)
  const structure = chart ? ['chart', ofNode(chart.root)] : [kindOf(logic)]
  return createHash('sha256').update(JSON.stringify(structure)).digest('hex').slice(0, 16)
}

function kindOf(logic: unknown): string {
  return typeof (logic as { readonly start?: unknown }).start === 'function' ? 'leaf' : 'transition'
}

function ofNode(node: ChartNode): unknown {
  const children = Object.values(node.states)
  // Regions act in the order they are written in; of other states only one is active.
  if (node.type !== 'parallel') children.sort(byText(({ key }) => key))
  const events = [...node.transitions].sort(byText(([event]) => event))
  return [
    node.id,
    node.key,
    node.type,
    node.history,
    node.type === 'compound' ? ofEdge(node.initial) : null,
    actionNames(node.entry),
    actionNames(node.exit),
    node.invoke.map(({ id, src }) => [id, src]),
    events.map(([event, edges]) => [event, edges.map(ofEdge)]),
    (node.always ?? []).map(ofEdge),
    children.map(ofNode),
  ]
}

function ofEdge({ target, actions, guard, reenter }: ChartEdge): unknown {
  return [target?.map(({ id }) => id) ?? null, reenter === true, guardName(guard), actionNames(actions)]
}

interface BuiltInAction {
  readonly type?: string
  readonly id?: unknown
  readonly sendId?: unknown
  readonly src?: unknown
  readonly to?: unknown
  readonly actorRef?: unknown
  readonly event?: unknown
}

function actionNames(actions: readonly unknown[]): unknown[] {
  return actions.map(actionName).filter((name) => name !== null)
}

function actionName(action: unknown): unknown {
  if (typeof action !== 'function') return nameOf(action)
  const { type, id, sendId, src, to, actorRef, event } = action as BuiltInAction
  // XState's own pair for a delayed transition, whose event is among the transitions.
  if (isDelayed(id) || isDelayed(sendId)) return null
  return type ? [type, ...[id, sendId, src, to, actorRef, nameOf(event)].map(textOf)] : INLINE
}

function guardName(guard: unknown): unknown {
  if (guard === undefined || guard === null) return null
  if (typeof guard !== 'function') return nameOf(guard)
  const { guards, stateValue } = guard as { readonly guards?: readonly unknown[]; readonly stateValue?: unknown }
  if (stateValue !== undefined) return ['stateIn', stateValue]
  return guards ? [guard.name, guards.map(guardName)] : INLINE
}

const INLINE = '(inline)'

function nameOf(named: unknown): unknown {
  return typeof named === 'object' && named !== null ? (named as { readonly type?: unknown }).type : textOf(named)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : value === undefined || value === null ? null : INLINE
}

function isDelayed(id: unknown): boolean {
  return typeof id === 'string' && id.startsWith('xstate.after.')
}

function byText<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : 1)
}
