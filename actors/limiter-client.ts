import type { LimiterSettings, LimiterView } from '../machines/limiter.contract.ts'
import type { RateLimits } from '../machines/model-chunk.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import { limiter } from './limiter.ts'
import { checkHost, checkKey } from './host-check.ts'
import { checkOptions } from './option-kinds.ts'
import { ownerOf, shareActor } from './shared-actor.ts'

/** What `createLimiter` takes. A limit that is left out is none. */
export interface LimiterOptions {
  /** Who has the same key shares the limits; of clients that disagree the newest holds. */
  readonly key: string
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
  /** How many may be at work at once. */
  readonly concurrency?: number
  /** How many may wait. Default 1 000; then OVERLOADED. */
  readonly queue?: number
  /** How long one may wait. Default 30 s; then TIMEOUT. */
  readonly patience?: Duration
  /** After how long a place that nobody gave back is free again. Default 10 minutes. */
  readonly ttl?: Duration
}

/** What is asked of a limiter. */
export interface AcquireOptions {
  /** The tokens that the call is expected to take. Default 0. */
  readonly tokens?: number
  /** How long to wait for it. Default: the limiter's patience. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** The leave to make one call. */
export interface LimiterGrant {
  /** The call is over. With the tokens that it used, where known, what was taken is put right. */
  release(usedTokens?: number): void
}

/** Keeps calls within what may be asked of the other side. */
export interface Limiter {
  readonly key: string
  /**
   * Leave to make a call, at once while nothing limits. Rejects with OVERLOADED when too many wait, TIMEOUT, CANCELLED, and
   * LIMIT_EXCEEDED for more tokens than a minute has.
   */
  acquire(options?: AcquireOptions): LimiterGrant | Promise<LimiterGrant>
  /** Passes on what the other side says that it still takes. */
  feed(limits: RateLimits): void
  /** Lets nobody through for so many milliseconds, as the other side asked. */
  pause(ms: number): void
  view(): Promise<LimiterView>
  /** Stops listening to it; others go on. */
  close(): void
}

const NAMES = ['requestsPerMinute', 'tokensPerMinute', 'concurrency', 'queue', 'ttl']
const RATE = { from: 0.001, to: 1e12 }
const PLACES = { from: 1, to: 10_000, whole: true }
const QUEUE = { from: 0, to: 100_000, whole: true }
const PATIENCE = { from: 0, to: YEAR }
const TOKENS = { from: 0, to: 1e12 }
// The limiter itself says when patience is at an end; this is for one that cannot be reached.
const SLACK = 5_000
// Together less than a minute.
const ATTEMPTS = 10
const FIRST_DELAY = 25
const NOT_COUNTED: LimiterGrant = { release: () => {} }

/**
 * Makes or finds the limiter of a key: requests and tokens a minute, and how many at once. Callers are let through in the
 * order in which they came.
 *
 * @example
 * const limiter = await createLimiter(runtime, { key: 'openai', requestsPerMinute: 500, tokensPerMinute: 200_000 })
 * const grant = await limiter.acquire({ tokens: 1_200 })
 */
export async function createLimiter(host: ActorHost, options: LimiterOptions): Promise<Limiter> {
  checkHost(host, 'createLimiter')
  checkOptions({ options }, 'createLimiter', { options: 'record' }, ['options'])
  const settings = settingsOf(options)
  checkKey(options.key, 'limiter.key')
  const patience = policyFields({ patience: options.patience }, 'limiter', ['patience']).duration(
    'patience',
    PATIENCE,
    30_000,
  )
  const { key } = options
  const { clock } = host
  const client = host.random.id()
  const holder = ownerOf(host)
  let calls = 0
  let open = false

  const shared = await shareActor(host, limiter, { key, input: () => settings }, async (ref) => {
    const stop = ref.on('limiter.changed', (event) => {
      open = event.open
    })
    open = (await ref.ask({ type: 'limiter.join', settings, at: clock.now() })).open
    return stop
  })

  // What is only told is not waited for. One that is gone has nothing to be told.
  function tell(message: Parameters<typeof shared.ref.send>[0]): void {
    shared.ref.send(message).catch(() => {})
  }

  // A place that is not given back is taken for as long as its time to live: what finds no room is told again.
  function giveBack(message: Parameters<typeof shared.ref.send>[0], attempt = 1): void {
    shared.ref.send(message).catch((error: unknown) => {
      const mayArrive = isTroupeError(error, 'OVERLOADED') || isTroupeError(error, 'UNAVAILABLE')
      if (mayArrive && attempt < ATTEMPTS) clock.after(FIRST_DELAY * 2 ** attempt, () => giveBack(message, attempt + 1))
    })
  }

  function grantOf(id: string, tokens: number, counted: boolean): LimiterGrant {
    let isOver = false
    return {
      release(usedTokens) {
        if (isOver) return
        isOver = true
        // What is no number says nothing of what was used; the place is given back all the same.
        const used = Number.isFinite(usedTokens) && Number(usedTokens) >= 0 ? Number(usedTokens) : null
        if (!counted && (used === null || used === tokens)) return
        giveBack({ type: 'limiter.release', id, tokens, used, at: clock.now() })
      },
    }
  }

  async function wait(tokens: number, ms: number, signal: AbortSignal | undefined): Promise<LimiterGrant> {
    const id = `${client}:${++calls}`
    const limits = { timeout: ms + SLACK, ...(signal ? { signal } : {}) }
    try {
      const { counted } = await shared.use(
        (ref) => ref.ask({ type: 'limiter.acquire', id, tokens, patience: ms, holder, at: clock.now() }, limits),
        signal,
      )
      return grantOf(id, tokens, counted)
    } catch (error) {
      if (!isTroupeError(error, 'LIMIT_EXCEEDED')) giveBack({ type: 'limiter.leave', id, at: clock.now() })
      throw error
    }
  }

  return {
    key,
    acquire(options = {}) {
      const fields = policyFields(options, 'acquire', ['tokens', 'timeout', 'signal'])
      const tokens = fields.number('tokens', TOKENS, 0)
      const timeout = fields.duration('timeout', PATIENCE, patience)
      const { signal } = options
      if (signal?.aborted) {
        throw new TroupeError('CANCELLED', `the call was cancelled before '${key}' let it through`, { where: key })
      }
      if (open) return NOT_COUNTED
      return wait(tokens, timeout, signal)
    },
    feed({ requests, tokens }) {
      if (!requests && !tokens) return
      tell({
        type: 'limiter.feed',
        ...(requests ? { requests } : {}),
        ...(tokens ? { tokens } : {}),
        at: clock.now(),
      })
    },
    pause(ms) {
      if (policyFields({ ms }, 'pause', ['ms']).duration('ms', PATIENCE, 0) === 0) return
      open = false
      tell({ type: 'limiter.pause', ms, at: clock.now() })
    },
    view: () => shared.use((ref) => ref.ask({ type: 'limiter.view', at: clock.now() })),
    close() {
      // Whoever still asks is to ask the limiter itself.
      open = false
      shared.leave()
    },
  }
}

function settingsOf(options: LimiterOptions): LimiterSettings {
  const fields = policyFields(options, 'limiter', ['key', 'patience', ...NAMES])
  const rate = (name: 'requestsPerMinute' | 'tokensPerMinute'): number | null =>
    options[name] === undefined ? null : fields.number(name, RATE, 1)
  return {
    requestsPerMinute: rate('requestsPerMinute'),
    tokensPerMinute: rate('tokensPerMinute'),
    concurrency: options.concurrency === undefined ? null : fields.number('concurrency', PLACES, 1),
    queue: fields.number('queue', QUEUE, 1_000),
    ttl: fields.duration('ttl', { from: 1, to: YEAR }, 600_000),
  }
}
