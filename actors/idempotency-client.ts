import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import { checkHost, checkKey } from './host-check.ts'
import { createIdempotencyPart, type IdempotencyPart } from './idempotency-part.ts'
import { payloadHash } from './idempotency-payload.ts'
import { checkOptions } from './option-kinds.ts'

/** What `createIdempotency` takes. */
export interface IdempotencyOptions {
  /** Who has the same key shares what was done. */
  readonly key: string
  /** How long a result is kept. Default 900 s. */
  readonly ttl?: Duration
  /** How many results are kept; then the oldest is forgotten. Default 10 000. */
  readonly capacity?: number
  /** Without a word of it for so long, an execution is taken for dead, and the next one does it. Default 30 s. */
  readonly lease?: Duration
  /** `durable` survives a restart, as far as the runtime's journal does. Default `ephemeral`. */
  readonly durability?: ActorDurability
}

/** What a run may be given beside its key, payload and work. */
export interface IdempotentRunOptions {
  /** Ends the waiting of this caller. The work goes on for others, and to be kept. */
  readonly signal?: AbortSignal
}

/** Does things once. */
export interface Idempotency {
  readonly key: string
  /**
   * Does the work, unless it was done under this key: then resolves to what came of it. Concurrent callers share one
   * execution and its end. A failure is not kept. Rejects with CONFLICT when the key was used with another payload.
   */
  run<T>(key: string, payload: unknown, work: () => Promise<T> | T, options?: IdempotentRunOptions): Promise<T>
  /** How many results are kept, and how many executions are under way. */
  status(): Promise<{ readonly kept: number; readonly running: number }>
  /** Stops listening; others go on. */
  close(): void
}

interface Flight {
  readonly hash: string
  readonly outcome: Promise<unknown>
}

const NAMES = ['key', 'ttl', 'capacity', 'lease', 'durability']
const SPAN = { from: 1, to: YEAR }
// Each change of a durable actor is written down with all it holds: many small ones write less.
const DURABLE_PARTS = 32

/**
 * Makes or finds the idempotency keeper of a key.
 *
 * @example
 * const once = await createIdempotency(runtime, { key: 'payments', durability: 'durable' })
 * const receipt = await once.run(order.id, order, () => pay(order))
 */
export async function createIdempotency(host: ActorHost, options: IdempotencyOptions): Promise<Idempotency> {
  checkHost(host, 'createIdempotency')
  checkOptions({ options }, 'createIdempotency', { options: 'record' }, ['options'])
  const fields = policyFields(options, 'idempotency', NAMES)
  const { key } = options
  checkKey(key, 'idempotency.key')
  const durability = fields.choice('durability', ['ephemeral', 'durable'], 'ephemeral')
  const count = durability === 'durable' ? DURABLE_PARTS : 1
  const capacity = fields.number('capacity', { from: 1, to: 1_000_000, whole: true }, 10_000)
  const settings = {
    durability,
    ttl: fields.duration('ttl', SPAN, 900_000),
    lease: fields.duration('lease', SPAN, 30_000),
    capacity: Math.ceil(capacity / count),
  }
  const parts = new Map<number, Promise<IdempotencyPart>>()
  const flights = new Map<string, Flight>()

  function partAt(index: number): Promise<IdempotencyPart> {
    let part = parts.get(index)
    if (!part) {
      part = createIdempotencyPart(host, count === 1 ? key : `${key}.${index}`, settings)
      parts.set(index, part)
      part.catch(() => parts.delete(index))
    }
    return part
  }

  function take(name: string, hash: string, work: () => unknown): Promise<unknown> {
    const flight = flights.get(name)
    if (flight?.hash === hash) return flight.outcome
    if (flight) throw conflict(name)
    const outcome = partAt(count === 1 ? 0 : indexOf(name, count)).then((part) => part.run(name, hash, work))
    flights.set(name, { hash, outcome })
    const land = (): void => {
      flights.delete(name)
    }
    outcome.then(land, land)
    return outcome
  }

  await partAt(0)
  return {
    key,
    async run<T>(name: string, payload: unknown, work: () => Promise<T> | T, { signal }: IdempotentRunOptions = {}) {
      if (typeof name !== 'string' || name === '') throw noKey('run.key')
      if (typeof work !== 'function') throw noWork(name)
      if (signal?.aborted) throw cancelled(name)
      const outcome = take(name, payloadHash(payload), work) as Promise<T>
      return signal ? untilAborted(outcome, signal, name) : outcome
    },
    async status() {
      const each = Array.from({ length: count }, async (_, index) => (await partAt(index)).status())
      const all = await Promise.all(each)
      return {
        kept: all.reduce((sum, { kept }) => sum + kept, 0),
        running: all.reduce((sum, { running }) => sum + running, 0),
      }
    },
    close() {
      for (const part of parts.values()) part.then((open) => open.close()).catch(() => {})
    },
  }
}

function untilAborted<T>(outcome: Promise<T>, signal: AbortSignal, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled(name))
    signal.addEventListener('abort', abort, { once: true })
    outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

// The same key is in the same part in every process, whatever the options.
function indexOf(name: string, count: number): number {
  return Number.parseInt(payloadHash(name).slice(0, 8), 16) % count
}

function conflict(name: string): TroupeError {
  return new TroupeError('CONFLICT', `'${name}' was used before with another payload`, {
    where: name,
    hint: 'give another key to what is to be done anew',
  })
}

function cancelled(name: string): TroupeError {
  return new TroupeError('CANCELLED', `the caller no longer waits for '${name}'`, { where: name })
}

function noKey(where: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${where} is empty`, { where, hint: 'give a text that names what is done' })
}

function noWork(name: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `there is no work to do under '${name}'`, {
    where: 'run.work',
    hint: 'give what tells one payload from another, then a function: run(key, payload, () => pay(order))',
  })
}
