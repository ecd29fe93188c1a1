import type { AnyActorLogic } from 'xstate'

/**
 * What stands for a child in its parent's snapshot: enough for XState to resolve `sendTo('id')` and `stopChild('id')`.
 * XState's own actor object, made for the purpose in each step, weighs a hundred times as much.
 */
export interface InertChild {
  readonly id: string
  readonly src: unknown
  readonly logic: AnyActorLogic
  readonly _syncSnapshot: boolean
}

const prototype = {
  getSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
}

/** The stand-in for an actor object that a step made. */
export function inertChild(
  actor: { readonly id: string; readonly logic: AnyActorLogic; readonly _syncSnapshot?: boolean },
  src: unknown,
): InertChild {
  const child = Object.create(prototype) as { -readonly [K in keyof InertChild]: InertChild[K] }
  child.id = actor.id
  child.src = src
  child.logic = actor.logic
  child._syncSnapshot = actor._syncSnapshot === true
  return child
}
