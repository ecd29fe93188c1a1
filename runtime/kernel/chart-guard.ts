import type { AnyStateMachine } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import { type ChartRun, viewOfRun } from './chart-run.ts'

/** A guard with its implementation. */
export type ChartGuard = (run: ChartRun, event: MessageEvent) => boolean

type Predicate = (args: object, params: unknown) => boolean

interface BuiltIn {
  check(snapshot: unknown, args: object, self: unknown): boolean
}

/** Resolves a guard. Returns null for one without implementation. */
export function chartGuard(machine: AnyStateMachine, given: unknown): ChartGuard | null {
  const guards = machine.implementations.guards as Record<string, unknown>
  let guard = given
  let found = given
  // A name may stand for another name.
  for (let names = 0; typeof found === 'string' || (typeof found === 'object' && found !== null); names++) {
    if (names > Object.keys(guards).length) return null
    guard = found
    found = guards[typeof found === 'string' ? found : (found as { type: string }).type]
  }
  if (typeof found !== 'function') return null
  if ('check' in found) {
    const builtIn = found as unknown as BuiltIn
    return (run, event) => builtIn.check(viewOfRun(run), { context: run.context, event }, builtIn)
  }
  const predicate = found as Predicate
  const params = typeof guard === 'object' && guard !== null ? (guard as { params?: unknown }).params : undefined
  if (typeof params !== 'function') return (run, event) => predicate({ context: run.context, event }, params)
  const paramsOf = params as (args: object) => unknown
  return ({ context }, event) => predicate({ context, event }, paramsOf({ context, event }))
}

/** What XState calls a guard in its errors. */
export function guardName(guard: unknown): string {
  const name = typeof guard === 'object' ? (guard as { type?: string } | null)?.type : guard
  return typeof name === 'string' && name ? `'${name}' ` : ''
}
