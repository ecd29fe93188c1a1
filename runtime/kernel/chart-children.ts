import type { AnyActorLogic } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import { type ChartRun, touch } from './chart-run.ts'
import { inertChild } from './inert-child.ts'
import { standsFor } from './stand-in.ts'

/** The parts of XState's `spawnChild`. */
interface SpawnAction {
  readonly id: unknown
  readonly src: unknown
  readonly systemId: string | undefined
  readonly input: unknown
  readonly syncSnapshot: boolean | undefined
}

/**
 * Carries out XState's `spawnChild` in a step. Where XState makes an actor object, that is never started here, stands what
 * the kernel keeps of it. Returns null for what only XState can name or look up.
 */
export function spawnInto(run: ChartRun, { id, src, systemId, input, syncSnapshot }: SpawnAction, event: MessageEvent) {
  const logic = typeof src === 'string' ? (run.machine.implementations.actors as Logics)[src] : undefined
  if (!logic || !standsFor(logic) || typeof id !== 'string' || systemId !== undefined) return null
  const { context, scope } = run
  const resolved =
    typeof input === 'function' ? (input as (args: object) => unknown)({ context, event, self: scope.self }) : input
  const actorRef = inertChild({ id, logic, _syncSnapshot: syncSnapshot === true }, src)
  run.children = { ...run.children, [id]: actorRef }
  touch(run)
  return { id, systemId, actorRef, src, input: resolved }
}

/** Carries out XState's `stopChild` in a step: the child leaves the snapshot. Returns what stands for it. */
export function stopIn(run: ChartRun, named: unknown): unknown {
  const child = typeof named === 'string' ? run.children[named] : named
  touch(run)
  if (!child) return child
  const { [(child as { id: string }).id]: _, ...others } = run.children
  run.children = others
  return child
}

type Logics = Readonly<Record<string, AnyActorLogic>>
