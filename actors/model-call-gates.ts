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

/** The breakers and limiters that calls have to pass, made when they are first needed. Null where there is none. */
export interface CallGates {
  /** At once when it is known already. */
  breaker(provider: string): Breaker | null | Promise<Breaker | null>
  limiter(model: Pick<ModelInfo, 'id' | 'provider'>): Limiter | null | Promise<Limiter | null>
}

/** Makes the gates of one host. Hosts of one realm share the actors behind them. */
export function createCallGates(host: ActorHost, { breakers, limits }: GateSettings): CallGates {
  const openBreaker = once((provider: string) =>
    breakers === false ? null : createBreaker(host, { key: provider, ...breakers[provider] }),
  )
  const openLimiter = once((key: string) => {
    const settings = limits[key]
    return settings ? createLimiter(host, { key, ...settings }) : null
  })
  return {
    breaker: openBreaker,
    // A model with limits of its own does not count to those of its provider.
    limiter: ({ id, provider }) => openLimiter(limits[id] ? id : provider),
  }
}

// What could not be made is tried again by the next who needs it.
function once<T>(make: (key: string) => T | Promise<T>): (key: string) => T | Promise<T> {
  const made = new Map<string, T | Promise<T>>()
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
