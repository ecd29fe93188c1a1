import type { AnyActorLogic } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import type { ActionObject, AnySnapshot } from './step.ts'

interface LeafScope {
  readonly actionExecutor: (action: ActionObject) => void
}

const WORK = 'work'

const WORKING: AnySnapshot = Object.freeze({ status: 'active', output: undefined, error: undefined })

/**
 * Leaf logic (a promise, a callback, an observable, a task) as the logic of an actor: it starts the leaf as its one task,
 * hands it every message, and ends as the leaf ends.
 */
export function leafLogic(leaf: AnyActorLogic): AnyActorLogic {
  const work = { id: WORK, logic: leaf }
  return {
    getInitialSnapshot(scope: LeafScope, input: unknown) {
      ask(scope, 'xstate.spawnChild', { actorRef: work, src: WORK, input })
      return WORKING
    },
    transition(snapshot: AnySnapshot, event: MessageEvent, scope: LeafScope): AnySnapshot {
      if (event.type === `xstate.done.actor.${WORK}`)
        return { status: 'done', output: event['output'], error: undefined }
      if (event.type === `xstate.error.actor.${WORK}`)
        return { status: 'error', output: undefined, error: event['error'] }
      ask(scope, 'xstate.sendTo', { to: work, event })
      return snapshot
    },
    getPersistedSnapshot: (snapshot: AnySnapshot) => snapshot,
  } as unknown as AnyActorLogic
}

function ask(scope: LeafScope, type: string, params: object): void {
  scope.actionExecutor({ type, params, info: undefined, exec: undefined })
}
