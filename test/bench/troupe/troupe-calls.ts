import { createBreaker } from '../../../actors/breaker-client.ts'
import { createGuard } from '../../../actors/guard.ts'
import { createRuntime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { callProbe, callWork } from '../workload/call-work.ts'

/** Troupe: breaker and retry before a call that goes well. */
export async function troupeGuard(): Promise<Probe> {
  const runtime = await createRuntime()
  const breaker = await createBreaker(runtime, { key: 'bench' })
  const guard = createGuard(runtime, { breaker, retry: { attempts: 3 } })
  return callProbe(
    () => guard.run(callWork),
    () => breaker.state === 'closed',
  )
}

/** Troupe: bulkhead, retry, breaker and time limit before a call that goes well. */
export async function troupeFullGuard(): Promise<Probe> {
  const guard = await fullGuard()
  return callProbe(() => guard.run(callWork))
}

/** Troupe: the same, for work that takes the abort signal out. */
export async function troupeFullGuardSignal(): Promise<Probe> {
  const guard = await fullGuard()
  return callProbe(() => guard.run(async ({ signal }) => (signal.aborted ? 0 : 7)))
}

async function fullGuard() {
  const runtime = await createRuntime()
  const breaker = await createBreaker(runtime, { key: 'bench' })
  const bulkhead = { concurrency: 64, queue: 64 }
  return createGuard(runtime, { bulkhead, retry: { attempts: 3 }, breaker, timeout: '10s' })
}
