import type { Probe } from '../bench-case.ts'
import { callProbe, callWork } from '../workload/call-work.ts'
import { cockatiel, type CockatielPolicy } from './cockatiel.ts'

/** cockatiel: retry and breaker before a call that goes well. */
export async function cockatielGuard(): Promise<Probe> {
  const { wrap } = await cockatiel()
  const policy = wrap(...(await retryAndBreaker()))
  return callProbe(() => policy.execute(callWork))
}

/** cockatiel: retry, breaker, a time limit that does not wait for the work, and bulkhead. */
export async function cockatielFullGuard(): Promise<Probe> {
  const policy = await fullGuard('Aggressive')
  return callProbe(() => policy.execute(callWork))
}

/** cockatiel: the same with a time limit that waits for the work to give up. */
export async function cockatielCooperative(): Promise<Probe> {
  const policy = await fullGuard('Cooperative')
  return callProbe(() => policy.execute(callWork))
}

/** cockatiel: all of it, for work that takes the abort signal out. */
export async function cockatielFullGuardSignal(): Promise<Probe> {
  const policy = await fullGuard('Aggressive')
  return callProbe(() => policy.execute(async ({ signal }) => (signal.aborted ? 0 : 7)))
}

async function fullGuard(strategy: 'Aggressive' | 'Cooperative'): Promise<CockatielPolicy> {
  const { bulkhead, timeout, TimeoutStrategy, wrap } = await cockatiel()
  return wrap(...(await retryAndBreaker()), timeout(10_000, TimeoutStrategy[strategy]), bulkhead(64, 64))
}

async function retryAndBreaker(): Promise<CockatielPolicy[]> {
  const { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleAll, retry } = await cockatiel()
  return [
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) }),
  ]
}
