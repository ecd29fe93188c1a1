import type { AnyActorLogic } from 'xstate'

const REAL = Symbol('troupe.real')
const INERT_SNAPSHOT = Object.freeze({ status: 'active', output: undefined, error: undefined })

/** Logic that stands for an author's in a machine that is only stepped: it does nothing. */
export function standIn(logic: AnyActorLogic): AnyActorLogic {
  return {
    [REAL]: logic,
    transition: (snapshot: unknown) => snapshot,
    getInitialSnapshot: () => INERT_SNAPSHOT,
    getPersistedSnapshot: () => INERT_SNAPSHOT,
  } as unknown as AnyActorLogic
}

/** The author's logic that a stand-in stands for; undefined for any other logic. */
export function standsFor(logic: AnyActorLogic): AnyActorLogic | undefined {
  return (logic as { [REAL]?: AnyActorLogic })[REAL]
}
