import { loadPeer } from '../load-peer.ts'

/** A policy of cockatiel. */
export interface CockatielPolicy {
  execute<T>(work: (context: { readonly signal: AbortSignal }) => Promise<T>): Promise<T>
}

interface CockatielModule {
  readonly handleAll: unknown
  readonly TimeoutStrategy: { readonly Aggressive: string; readonly Cooperative: string }
  readonly ConsecutiveBreaker: new (failures: number) => unknown
  readonly ExponentialBackoff: new () => unknown
  readonly retry: (policy: unknown, options: unknown) => CockatielPolicy
  readonly circuitBreaker: (policy: unknown, options: unknown) => CockatielPolicy
  readonly timeout: (ms: number, strategy: string) => CockatielPolicy
  readonly bulkhead: (limit: number, queue: number) => CockatielPolicy
  readonly wrap: (...policies: CockatielPolicy[]) => CockatielPolicy
}

/** Loads cockatiel. */
export function cockatiel(): Promise<CockatielModule> {
  return loadPeer('cockatiel')
}
