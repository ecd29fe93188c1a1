import { loadPeer } from '../load-peer.ts'

/** A reference to an actor of nact. */
export interface NactReference {
  readonly name: string
}

interface NactContext {
  readonly sender: NactReference
}

interface NactModule {
  readonly start: () => NactReference
  readonly spawn: <S>(
    parent: NactReference,
    behaviour: (state: S | undefined, message: never, context: NactContext) => S,
    name?: string,
  ) => NactReference
  readonly dispatch: (actor: NactReference, message: unknown, sender?: NactReference) => void
  readonly query: (actor: NactReference, message: unknown, timeout: number) => Promise<unknown>
}

/** Loads nact. */
export function nact(): Promise<NactModule> {
  return loadPeer('nact')
}
