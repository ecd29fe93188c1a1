import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import { TroupeError } from '../protocol/errors.ts'
import { enqueuesSpawner, usesSpawner } from './spawn-scan.ts'

/**
 * Refuses, when a definition is made, what would go wrong when it runs: a name that nobody provided, `systemId`, and
 * `spawn` inside `assign` or the context factory (it hides an effect in a value, so no commit could come before it).
 */

/** Throws INVALID_MESSAGE for the first fault found in the machine or a machine it starts. */
export function checkMachine(machine: AnyStateMachine, type: string, seen = new Set<unknown>()): void {
  if (seen.has(machine)) return
  seen.add(machine)
  const check: Check = { machine, type, seen }
  const { context } = machine.config as { context?: unknown }
  if (usesSpawner(context)) throw spawnError(check, 'context')
  for (const node of nodesOf(machine)) checkNode(check, node)
  for (const [name, action] of Object.entries(machine.implementations.actions))
    checkAction(check, action, `actions.${name}`)
  for (const [name, actor] of Object.entries(machine.implementations.actors as Record<string, unknown>)) {
    checkLogic(check, actor, `actors.${name}`)
  }
}

function checkLogic(check: Check, logic: unknown, where: string): void {
  if (!isLogic(logic)) throw logicError(check, where)
  if (!('__xstatenode' in logic)) return
  const child = logic as unknown as AnyStateMachine
  checkMachine(child, `${check.type}--${child.id}`, check.seen)
}

interface Check {
  readonly machine: AnyStateMachine
  readonly type: string
  readonly seen: Set<unknown>
}

interface Node {
  readonly id: string
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly { readonly src: string; readonly systemId?: string }[]
  readonly transitions: ReadonlyMap<string, readonly Edge[]>
  readonly always?: readonly Edge[]
  readonly after: readonly { readonly delay?: unknown }[]
  readonly initial?: { readonly actions: readonly unknown[] }
}

interface Edge {
  readonly actions: readonly unknown[]
  readonly guard?: unknown
}

interface BuiltIn {
  readonly type?: string
  readonly assignment?: unknown
  readonly collect?: unknown
  readonly src?: unknown
  readonly systemId?: unknown
  readonly delay?: unknown
  readonly guards?: readonly unknown[]
}

function nodesOf(machine: AnyStateMachine): Iterable<Node> {
  return (machine as unknown as { idMap: Map<string, Node> }).idMap.values()
}

function checkNode(check: Check, node: Node): void {
  const { id } = node
  for (const action of [...node.entry, ...node.exit, ...(node.initial?.actions ?? [])]) checkAction(check, action, id)
  for (const edge of [...[...node.transitions.values()].flat(), ...(node.always ?? [])]) {
    for (const action of edge.actions) checkAction(check, action, id)
    checkGuard(check, edge.guard, id)
  }
  for (const { src, systemId } of node.invoke) {
    if (!src.startsWith('xstate.invoke.')) checkName(check, 'actors', src, id)
    if (systemId !== undefined) throw systemIdError(check, id)
  }
  for (const { delay } of node.after) if (typeof delay === 'string') checkName(check, 'delays', delay, id)
}

function checkAction(check: Check, action: unknown, where: string): void {
  if (typeof action === 'string') return checkName(check, 'actions', action, where)
  if (typeof action === 'object' && action !== null) {
    return checkName(check, 'actions', (action as { type: string }).type, where)
  }
  const { type, assignment, collect, src, systemId, delay } = action as BuiltIn
  if (type === 'xstate.assign' && spawns(assignment)) throw spawnError(check, where)
  if (type === 'xstate.enqueueActions' && enqueuesSpawner(collect)) throw spawnError(check, where)
  if (type === 'xstate.spawnChild') {
    if (typeof src === 'string') checkName(check, 'actors', src, where)
    else checkLogic(check, src, where)
  }
  if (type === 'xstate.spawnChild' && systemId !== undefined) throw systemIdError(check, where)
  if (type?.startsWith('xstate.') && typeof delay === 'string') checkName(check, 'delays', delay, where)
}

function checkGuard(check: Check, guard: unknown, where: string): void {
  if (typeof guard === 'string') return checkName(check, 'guards', guard, where)
  if (typeof guard === 'object' && guard !== null)
    return checkName(check, 'guards', (guard as { type: string }).type, where)
  const { guards } = (guard ?? {}) as BuiltIn
  for (const inner of guards ?? []) checkGuard(check, inner, where)
}

function checkName(check: Check, kind: 'actions' | 'actors' | 'guards' | 'delays', name: string, where: string): void {
  if (Object.hasOwn(check.machine.implementations[kind], name)) return
  throw new TroupeError(
    'INVALID_MESSAGE',
    `'${check.type}' names '${name}' among its ${kind}, and nobody provided it`,
    {
      where: `${check.type}: ${where}`,
      hint: `give it in setup({ ${kind}: { '${name}': ... } }) or machine.provide({ ${kind}: ... })`,
    },
  )
}

// An assigner is a function, or an object of functions by key.
function spawns(assignment: unknown): boolean {
  if (typeof assignment !== 'object' || assignment === null) return usesSpawner(assignment)
  return Object.values(assignment).some(usesSpawner)
}

function isLogic(value: unknown): value is AnyActorLogic {
  if (typeof value !== 'object' || value === null) return false
  const { transition, getInitialSnapshot } = value as Record<string, unknown>
  return typeof transition === 'function' && typeof getInitialSnapshot === 'function'
}

function spawnError(check: Check, where: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `'${check.type}' spawns an actor inside assign or its context`, {
    where: `${check.type}: ${where}`,
    hint: "use the action spawnChild('src', { id }) and address the child by its id",
  })
}

function logicError(check: Check, where: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `'${check.type}' has an actor that is not XState actor logic`, {
    where: `${check.type}: ${where}`,
    hint: 'give a machine, fromTransition, fromPromise, fromCallback, fromObservable or fromTask',
  })
}

function systemIdError(check: Check, where: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `'${check.type}' gives a child a systemId`, {
    where: `${check.type}: ${where}`,
    hint: 'actors are found by address: send to it with tell(address, event)',
  })
}
