import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { LentClock } from '../runtime/kernel/lent-clock.ts'
import { type Models, modelsParts } from './define-models.ts'
import { createModelCallers } from './model-call-callers.ts'
import { type CallGates, createCallGates } from './model-call-gates.ts'

/**
 * What stands before the model calls of an agent's sessions. Who opens sessions makes it once and lends it to each: so it
 * is not made anew for every session, and a breaker does not end, and forget, with the session that was the first.
 */
export interface AgentGates {
  /** Those of a host, the same each time. */
  of(host: ActorHost): CallGates
  /** Lends gates to the session of a key, while it is being started. Call what it returns to take them back. */
  lend(clock: LentClock, key: string, gates: CallGates): () => void
  /** What was lent to the session; null when nobody did. */
  find(clock: LentClock, key: string): CallGates | null
}

/** Makes the gates of an agent that calls these models. */
export function createAgentGates(models: Models): AgentGates {
  const { parts } = modelsParts(models)
  const hosts = new WeakMap<ActorHost, CallGates>()
  const lent = createModelCallers()
  return {
    of(host) {
      const known = hosts.get(host) ?? createCallGates(host, parts)
      hosts.set(host, known)
      return known
    },
    lend: (clock, key, gates) => lent.lend(clock, key, { gates, output: null }),
    find: (clock, key) => lent.find(clock, key)?.gates ?? null,
  }
}
