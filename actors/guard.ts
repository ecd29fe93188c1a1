import type { CallFailure } from '../machines/model-failure.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import type { Breaker, BreakerPass } from './breaker-client.ts'
import { type BulkheadOptions, createBulkhead } from './bulkhead.ts'
import { callFailure } from './classify-failure.ts'
import { type FailureClassifier, failureClassifier } from './failure-classifier.ts'
import { abandonWork, cancelledCall, createGuardScope, type GuardScope, lateCall } from './guard-scope.ts'
import { checkHost } from './host-check.ts'
import type { Limiter, LimiterGrant } from './limiter-client.ts'
import { checkOptions } from './option-kinds.ts'
import { createRetrier, type Retrier, type RetryOptions } from './retrier-client.ts'

/** What stands between a caller and whoever is called. Each part may be left out. */
export interface GuardOptions {
  /** Calls under way at once, of this guard; all attempts of a call are one. */
  readonly bulkhead?: BulkheadOptions
  readonly retry?: Retrier | RetryOptions
  readonly breaker?: Breaker
  readonly limiter?: Pick<Limiter, 'acquire'>
  /** How long one attempt may take. */
  readonly timeout?: Duration
  /** What kind of failure a thrown value is. Default `callFailure`. */
  readonly classify?: (thrown: unknown) => CallFailure
}

/** What one call takes. */
export interface GuardRunOptions {
  /** Aborting it ends the call with CANCELLED, wherever it stands. */
  readonly signal?: AbortSignal
  /** How many tokens of the limiter an attempt takes. */
  readonly tokens?: number
}

/** Calls that are bounded, retried, broken off and timed in the one order that makes sense. */
export interface Guard {
  run<T>(work: (scope: GuardScope) => Promise<T> | T, options?: GuardRunOptions): Promise<T>
}

type Work<T> = (scope: GuardScope) => Promise<T> | T

const NAMES = ['bulkhead', 'retry', 'breaker', 'limiter', 'timeout', 'classify']
const NO_OPTIONS: GuardRunOptions = {}

/**
 * Makes a guard: bulkhead, then retry, then breaker, then limiter, then timeout, then the work. What is retried knocks at
 * the breaker each time; what waits for a place is not timed. Throws INVALID_MESSAGE for options that cannot be.
 *
 * @example
 * const guard = createGuard(runtime, { breaker, retry: { attempts: 3 }, timeout: '10s', bulkhead: { concurrency: 8 } })
 * const page = await guard.run(({ signal }) => fetch(url, { signal }))
 */
export function createGuard(host: ActorHost, options: GuardOptions): Guard {
  checkHost(host, 'createGuard')
  checkOptions({ options }, 'createGuard', { options: 'record' }, ['options'])
  const fields = policyFields(options, 'guard', NAMES)
  const timeout = options.timeout === undefined ? null : fields.duration('timeout', { from: 1, to: YEAR }, 0)
  const { breaker, limiter } = options
  checkPart(breaker, 'breaker', 'admit')
  checkPart(limiter, 'limiter', 'acquire')
  checkOptions({ classify: options.classify }, 'guard', { classify: 'function' })
  const classify = classifierOf(host, options.classify)
  const bulkhead = options.bulkhead ? createBulkhead(options.bulkhead) : null
  const retrier = options.retry ? retrierOf(host, options.retry) : null

  // Work under a time limit, or with a caller who may turn away, is not waited for longer than either.
  function timed<T>(work: Work<T>, attempt: number, signal: AbortSignal | undefined): Promise<T> | T {
    if (signal?.aborted) throw cancelledCall(signal)
    const scope = createGuardScope(attempt, signal, timeout !== null)
    if (timeout === null && !signal) return work(scope)
    return new Promise<T>((resolve, reject) => {
      const giveUp = (error: TroupeError): void => {
        settle()
        reject(error)
        abandonWork(scope, error)
      }
      const cancelTimer = timeout === null ? null : host.clock.after(timeout, () => giveUp(lateCall(timeout)))
      const turnAway = signal ? (): void => giveUp(cancelledCall(signal)) : null
      const settle = (): void => {
        cancelTimer?.()
        if (turnAway) signal?.removeEventListener('abort', turnAway)
      }
      if (turnAway) signal?.addEventListener('abort', turnAway, { once: true })
      let begun: Promise<T> | T
      try {
        begun = work(scope)
      } catch (thrown) {
        settle()
        reject(thrown)
        return
      }
      Promise.resolve(begun).then(
        (value) => {
          settle()
          resolve(value)
        },
        (thrown: unknown) => {
          settle()
          reject(thrown)
        },
      )
    })
  }

  async function attemptOnce<T>(work: Work<T>, attempt: number, run: GuardRunOptions): Promise<T> {
    const admitted = limiter ? null : breaker?.admit()
    const { pass = null, grant = null } = limiter
      ? await throughLimiter(breaker, limiter, run)
      : { pass: admitted instanceof Promise ? await admitted : admitted }
    let value: T
    try {
      value = await timed(work, attempt, run.signal)
    } catch (thrown) {
      // A caller that turned away waits for nothing more.
      if (run.signal?.aborted) pass?.abandon()
      else if (pass) await pass.failed(classify(thrown).category)
      throw thrown
    } finally {
      grant?.release()
    }
    const told = pass?.succeeded()
    if (told) await told
    return value
  }

  function attempted<T>(work: Work<T>, attempt: number, run: GuardRunOptions): Promise<T> | T {
    return breaker || limiter ? attemptOnce(work, attempt, run) : timed(work, attempt, run.signal)
  }

  return {
    async run(work, run = NO_OPTIONS) {
      if (typeof work !== 'function') throw noWork(work)
      if (run !== NO_OPTIONS) policyFields(run, 'run', ['signal', 'tokens'])
      const { signal } = run
      if (signal?.aborted) throw cancelledCall(signal)
      const place = bulkhead?.enter(signal)
      if (place) await place
      try {
        return retrier
          ? await retrier.run((attempt) => attempted(work, attempt, run), { signal, classify })
          : await attempted(work, 1, run)
      } finally {
        bulkhead?.leave()
      }
    },
  }
}

/** The breaker first: an open one takes nothing from the limiter. */
async function throughLimiter(
  breaker: Breaker | undefined,
  limiter: Pick<Limiter, 'acquire'>,
  { signal, tokens }: GuardRunOptions,
): Promise<{ readonly pass: BreakerPass | null; readonly grant: LimiterGrant }> {
  const pass = breaker ? await breaker.admit() : null
  let granted: LimiterGrant | Promise<LimiterGrant>
  try {
    granted = limiter.acquire({ ...(tokens === undefined ? {} : { tokens }), ...(signal ? { signal } : {}) })
  } catch (error) {
    pass?.abandon()
    throw error
  }
  if (!(granted instanceof Promise)) return { pass, grant: granted }
  // Nobody holds a permit while waiting; and by then the breaker may have opened.
  pass?.abandon()
  const grant = await granted
  try {
    return { pass: breaker ? await breaker.admit() : null, grant }
  } catch (error) {
    grant.release(0)
    throw error
  }
}

// What Troupe itself throws is known.
function classifierOf(host: ActorHost, given: GuardOptions['classify']): FailureClassifier {
  const standard: FailureClassifier = (thrown) => callFailure(thrown, host.clock.now())
  if (!given) return standard
  const own = failureClassifier(host, given)
  return (thrown) => (isTroupeError(thrown) ? standard(thrown) : own(thrown))
}

function retrierOf(host: ActorHost, given: Retrier | RetryOptions): Retrier {
  return 'run' in given ? given : createRetrier(host, given)
}

function checkPart(part: unknown, name: 'breaker' | 'limiter', verb: string): void {
  if (part === undefined || typeof (part as Record<string, unknown> | null)?.[verb] === 'function') return
  const maker = `create${name === 'breaker' ? 'Breaker' : 'Limiter'}`
  throw new TroupeError('INVALID_MESSAGE', `guard.${name} is no ${name}`, {
    where: `guard.${name}`,
    hint: `give what it resolves to: ${name}: await ${maker}(runtime, { key: 'openai' })`,
  })
}

function noWork(work: unknown): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `what is guarded is a ${work === null ? 'null' : typeof work}`, {
    where: 'run.work',
    hint: 'give a function: guard.run(({ signal }) => fetch(url, { signal }))',
  })
}
