import { type ChartEdge, chartOf, type ChartNode, nodesOf } from '../persistence/chart.ts'
import { TroupeError } from '../protocol/errors.ts'

/**
 * Refuses, when a durable definition is made, what stands in a chart without a name: a record names what was under way,
 * and a version is told from the next by its names. An action of XState whose parameters are all data is a name of its
 * own. What only computes a value (context, input, output, parameters) has no name in XState, and needs none: its results
 * are what is recorded.
 */

/** Throws INVALID_MESSAGE for the first inline function in the chart of the machine or of a machine among its actors. */
export function checkDurable(logic: unknown, type: string, seen = new Set<unknown>()): void {
  const machine = chartOf(logic)
  if (!machine || seen.has(machine)) return
  seen.add(machine)
  for (const node of nodesOf(machine.root)) checkNode(node, type)
  const { actors, actions } = machine.implementations
  for (const [name, action] of Object.entries(actions)) {
    if (startsNameless(action)) throw childError({ type, what: `actions.${name}` })
  }
  for (const [name, actor] of Object.entries(actors)) checkDurable(actor, `${type}--${name}`, seen)
}

/** Where in a chart something stands. */
interface Place {
  readonly type: string
  readonly what: string
}

function checkNode(node: ChartNode, type: string): void {
  const place = (what: string): Place => ({ type, what: `${node.id}, ${what}` })
  checkActions(node.entry, place('entry'))
  checkActions(node.exit, place('exit'))
  checkActions(node.initial.actions, place('initial'))
  for (const [event, edges] of node.transitions)
    for (const edge of edges) checkEdge(edge, place(`on '${event}'`), event)
  for (const edge of node.always ?? []) checkEdge(edge, place('always'))
  for (const { src, id } of node.invoke) {
    if (src.startsWith('xstate.invoke.')) throw childError(place(`invoke '${id}'`))
  }
}

function checkEdge({ actions, guard }: ChartEdge, place: Place, event?: string): void {
  checkActions(actions, place)
  // XState puts a function of its own before the guard of a route.
  if (event !== 'xstate.route') return checkGuard(guard, place)
  for (const own of guardsOf(guard)?.slice(1) ?? []) checkGuard(own, place)
}

function checkGuard(guard: unknown, place: Place): void {
  if (typeof guard !== 'function') return
  if (!('check' in guard)) throw inlineError('guard', nameOf(guard), place)
  for (const inner of guardsOf(guard) ?? []) checkGuard(inner, place)
}

function guardsOf(guard: unknown): readonly unknown[] | undefined {
  return (guard as { readonly guards?: readonly unknown[] } | undefined)?.guards
}

function checkActions(actions: readonly unknown[], place: Place): void {
  for (const action of actions) {
    if (typeof action !== 'function') continue
    if (!('resolve' in action)) throw inlineError('action', nameOf(action), place)
    if (startsNameless(action)) throw childError(place)
    const { resolve: _, retryResolve: __, execute: ___, ...parameters } = action as unknown as Record<string, unknown>
    if (holdsLife(parameters, new Set()))
      throw inlineError('action', ` with a function or an actor in its '${action.name}'`, place)
  }
}

function startsNameless(action: unknown): boolean {
  const { type, src } = (action ?? {}) as { readonly type?: unknown; readonly src?: unknown }
  return type === 'xstate.spawnChild' && typeof src !== 'string'
}

/** True for what no record can hold and no version be told by: functions, and actors instead of their ids. */
function holdsLife(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null || seen.has(value)) return false
  seen.add(value)
  if (typeof (value as { readonly send?: unknown }).send === 'function') return true
  return Object.values(value).some((inner) => holdsLife(inner, seen))
}

function nameOf({ name }: { readonly name: string }): string {
  return name ? ` '${name}'` : ''
}

function inlineError(kind: 'action' | 'guard', name: string, { type, what }: Place): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `'${type}' is durable, and its chart has an inline ${kind}${name}`, {
    where: `${type}: ${what}`,
    hint: `name it in setup({ ${kind}s: { ... } }) and write the name in the chart`,
  })
}

function childError({ type, what }: Place): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `'${type}' is durable, and starts logic that has no name`, {
    where: `${type}: ${what}`,
    hint: 'name it in setup({ actors: { ... } }) and start it by that name',
  })
}
