import type { ModelInfo } from '../machines/model-info.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import { type Breaker, createBreaker } from './breaker-client.ts'
import type { BreakerOptions } from './breaker-options.ts'
import { createLimiter, type Limiter, type LimiterOptions } from './limiter-client.ts'

/** Which providers have a breaker, and what is limited. */
export interface GateSettings {
  /** By provider; false where none has one. */
  readonly breakers: Readonly<Record<string, Omit<BreakerOptions, 'key'>>> | false
  /** By provider, or by `provider/model`. */
  readonly limits: Readonly<Record<string, Omit<LimiterOptions, 'key'>>>
}

type Made<T> = T | null | Promise<T | null>

/** The breakers and limiters that calls have to pass, made when they are first needed. Null where there is none. */
export interface CallGates {
  /** At once when it is known already. */
  breaker(provider: string): Breaker | null | Promise<Breaker | null>
  limiter(model: Pick<ModelInfo, 'id' | 'provider'>): Limiter | null | Promise<Limiter | null>
  /** Stops listening to those that were made. */
  close(): void
}

/** Makes the gates of one host. Hosts of one realm share the actors behind them. */
export function createCallGates(host: ActorHost, { breakers, limits }: GateSettings): CallGates {
  const madeBreakers = new Map<string, Made<Breaker>>()
  const madeLimiters = new Map<string, Made<Limiter>>()
  const openBreaker = once(madeBreakers, (provider) =>
    breakers === false ? null : createBreaker(host, { key: provider, ...breakers[provider] }),
  )
  const openLimiter = once(madeLimiters, (key) => {
    const settings = limits[key]
    return settings ? createLimiter(host, { key, ...settings }) : null
  })
  return {
    breaker: openBreaker,
    // A model with limits of its own does not count to those of its provider.
    limiter: ({ id, provider }) => openLimiter(limits[id] ? id : provider),
    close() {
      for (const made of [...madeBreakers.values(), ...madeLimiters.values()]) {
        // One that is being made is left when it is there; one that could not be made has nothing to leave.
        if (made instanceof Promise) void made.then((gate) => gate?.close()).catch(() => {})
        else made?.close()
      }
    },
  }
}

// What could not be made is tried again by the next who needs it.
function once<T>(made: Map<string, Made<T>>, make: (key: string) => Made<T>): (key: string) => Made<T> {
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const making = make(key)
    made.set(key, making)
    if (making instanceof Promise) {
      making.then(
        (value) => made.set(key, value),
        () => made.delete(key),
      )
    }
    return making
  }
}
