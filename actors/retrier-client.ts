import { type CallFailure, FAILURE_RULES } from '../machines/model-failure.ts'
import type { RetryAttempt, retrierContract } from '../machines/retrier.contract.ts'
import { nextDelay, type RetryPolicy } from '../machines/retry-policy.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { asTroupeError, isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import { callFailure } from './classify-failure.ts'
import { failureClassifier } from './failure-classifier.ts'
import { checkHost, checkKey } from './host-check.ts'
import { retrier } from './retrier.ts'

/** What `createRetrier` takes. */
export interface RetryOptions {
  /** What its actors are called, before the id that each call gets. Default `call`. */
  readonly key?: string
  /** How often the call is made, the first time included. Default 3. */
  readonly attempts?: number
  /** The delay after the first failure. Default 1 s. */
  readonly first?: Duration
  /** Each delay is so many times the one before. Default 2. */
  readonly factor?: number
  /** The longest delay, whoever asks for it. Default 60 s. */
  readonly cap?: Duration
  /** Anything up to the delay (`full`, the default), a quarter more or less (`proportional`), or no chance in it. */
  readonly jitter?: RetryPolicy['jitter']
  /** The longest that all delays of a call may be together. Default 300 s. */
  readonly total?: Duration
}

/** What one run takes. */
export interface RetryRunOptions {
  /** Aborting it ends the waiting; the attempt under way has to hear of it by itself. */
  readonly signal?: AbortSignal | undefined
  /** What kind of failure a thrown value is. Default `callFailure`. */
  readonly classify?: ((thrown: unknown) => CallFailure) | undefined
}

/** Makes calls again that failed. */
export interface Retrier {
  /**
   * Does the work, and again while its failures are of a kind that passes. A failure of the first attempt that is not
   * retried is thrown as it is; else the error lists all attempts, and has the last failure as its cause.
   */
  run<T>(work: (attempt: number) => Promise<T> | T, options?: RetryRunOptions): Promise<T>
}

type RetrierRef = Ref<typeof retrierContract>

/** What has to be known of one failure. */
interface Failing {
  readonly thrown: unknown
  readonly failure: CallFailure
  readonly lasting: boolean
  readonly random: number
}

const NAMES = ['key', 'attempts', 'first', 'factor', 'cap', 'jitter', 'total']
const SPAN = { from: 0, to: YEAR }
// Beyond the longest delay, an answer is late only when the actor is gone.
const GRACE = 60_000

/**
 * Makes a retrier. A call that goes well costs no message; from its first failure on it is an actor, which waits and can be
 * cancelled. Throws INVALID_MESSAGE for options that cannot be.
 *
 * @example
 * const retrier = createRetrier(runtime, { attempts: 4, first: '500ms' })
 * const page = await retrier.run(() => fetchPage(url))
 */
export function createRetrier(host: ActorHost, options: RetryOptions = {}): Retrier {
  checkHost(host, 'createRetrier')
  const policy = retryPolicyOf(options)
  if (options.key !== undefined) checkKey(options.key, 'retry.key')
  const { key: name = 'call' } = options

  function failing(thrown: unknown, { signal, classify }: RetryRunOptions): Failing {
    const failure = classify ? failureClassifier(host, classify)(thrown) : callFailure(thrown, host.clock.now())
    return {
      thrown,
      // Whatever an aborted call throws, a time limit of the caller's included: nobody waits for another attempt.
      failure: signal?.aborted ? { ...failure, category: 'cancelled' } : failure,
      lasting: isTroupeError(thrown) && thrown.lasting,
      random: host.random.next(),
    }
  }

  async function again<T>(
    work: (attempt: number) => Promise<T> | T,
    first: Failing,
    options: RetryRunOptions,
  ): Promise<T> {
    const key = `${name}.${host.random.id()}`
    const ref = await host.spawn(retrier, { key, input: { policy } }).catch((error: unknown) => {
      throw notRetried(first, error)
    })
    let failed = first
    for (let attempt = 1; ; ) {
      const { next, cancelled, attempts } = await tell(ref, attempt, failed, options)
      if (next === null) throw givenUp(attempts, failed, cancelled)
      attempt = next
      let value: T
      try {
        value = await work(attempt)
      } catch (thrown) {
        failed = failing(thrown, options)
        continue
      }
      // It has its value; an actor that is gone does not take it away.
      ref.send({ type: 'retrier.succeed' }).catch(() => {})
      return value
    }
  }

  async function tell(ref: RetrierRef, attempt: number, failed: Failing, { signal }: RetryRunOptions) {
    const { failure, lasting, random } = failed
    try {
      return await ref.ask(
        { type: 'retrier.fail', attempt, failure, lasting, random },
        // The news of a cancelled attempt has to arrive, so that its actor ends.
        { timeout: policy.cap + GRACE, ...(signal && !signal.aborted ? { signal } : {}) },
      )
    } catch (error) {
      ref.ask({ type: 'retrier.cancel' }).catch(() => {})
      if (signal?.aborted) throw new TroupeError('CANCELLED', 'the call was cancelled', { cause: signal.reason })
      throw notRetried(failed, error)
    }
  }

  return {
    async run(work, options = {}) {
      try {
        return await work(1)
      } catch (thrown) {
        const first = failing(thrown, options)
        const delay = nextDelay(policy, { attempt: 1, waited: 0 }, first.failure, first.random)
        if (first.lasting || delay === null) throw thrown
        return await again(work, first, options)
      }
    },
  }
}

function retryPolicyOf(options: RetryOptions): RetryPolicy {
  const fields = policyFields(options, 'retry', NAMES)
  return {
    attempts: fields.number('attempts', { from: 1, to: 1_000, whole: true }, 3),
    first: fields.duration('first', SPAN, 1_000),
    factor: fields.number('factor', { from: 1, to: 1_000 }, 2),
    cap: fields.duration('cap', SPAN, 60_000),
    jitter: fields.choice('jitter', ['full', 'proportional', 'none'], 'full'),
    total: fields.duration('total', SPAN, 300_000),
  }
}

// The node stops, somebody stopped the actor, or no node can have it: who reads it has to know both failures.
function notRetried({ thrown, failure }: Failing, why: unknown): TroupeError {
  const { message, hint } = asTroupeError(why)
  return new TroupeError(
    FAILURE_RULES[failure.category].code,
    `${failure.message} (and it could not be retried: ${message})`,
    { ...(hint === undefined ? {} : { hint }), data: failure, lasting: true, cause: thrown },
  )
}

function givenUp(attempts: readonly RetryAttempt[], { thrown, failure }: Failing, cancelled: boolean): TroupeError {
  const said = attempts.map(({ category, delay }) => (delay === null ? category : `${category}, waited ${delay} ms`))
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`
  const list = said.join('; ')
  if (!cancelled && failure.category === 'breaker_open')
    return cutShort(`${count} failed (${list})`, attempts, { thrown, failure })
  const category = cancelled ? 'cancelled' : failure.category
  return new TroupeError(
    FAILURE_RULES[category].code,
    `${cancelled ? `cancelled after ${count}` : `${count} failed`} (${list}): ${failure.message}`,
    {
      hint: cancelled ? 'somebody wanted no further attempt' : 'it was retried: do something else, or come back later',
      data: { ...failure, category, attempts },
      // Whoever stands above does not retry what was retried: one layer does.
      lasting: true,
      cause: thrown,
    },
  )
}

// The breaker let no further attempt be made: it knows when the next one may be.
function cutShort(
  failed: string,
  attempts: readonly RetryAttempt[],
  { thrown, failure }: Pick<Failing, 'thrown' | 'failure'>,
): TroupeError {
  const { hint, data } = asTroupeError(thrown)
  const refusal = typeof data === 'object' ? data : {}
  return new TroupeError('UNAVAILABLE', `${failed}, and the next was refused: ${failure.message}`, {
    ...(hint === undefined ? {} : { hint }),
    data: { ...failure, ...refusal, attempts },
    cause: thrown,
  })
}
