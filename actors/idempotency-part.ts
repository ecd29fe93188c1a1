import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import { errorOf, type ErrorValue, errorValue, isTroupeError } from '../runtime/protocol/errors.ts'
import { durableIdempotencyKeeper, idempotencyKeeper } from './idempotency-keeper.ts'
import { ownerOf, shareActor } from './shared-actor.ts'

/** What holds for every execution, in milliseconds. */
export interface IdempotencySettings {
  readonly durability: ActorDurability
  readonly ttl: number
  readonly lease: number
  readonly capacity: number
}

/** One keeper, as this process talks to it. */
export interface IdempotencyPart {
  /** Does the work, or resolves to what came of it before. One execution of a key at a time in one process. */
  run(key: string, hash: string, work: () => unknown): Promise<unknown>
  status(): Promise<{ readonly kept: number; readonly running: number }>
  close(): void
}

/** How the execution of another has ended; null when nobody heard. */
type Ending = { readonly error: unknown } | null

/** Makes or finds one keeper. */
export async function createIdempotencyPart(
  host: ActorHost,
  name: string,
  { durability, ttl, lease, capacity }: IdempotencySettings,
): Promise<IdempotencyPart> {
  const { clock } = host
  const client = host.random.id()
  const holder = ownerOf(host)
  const waiting = new Map<string, (ending: Ending) => void>()
  let runs = 0

  const definition = durability === 'durable' ? durableIdempotencyKeeper : idempotencyKeeper
  const shared = await shareActor(host, definition, { key: name }, async (ref) => {
    const stops = [
      ref.on('idempotency.kept', ({ key }) => waiting.get(key)?.(null)),
      ref.on('idempotency.freed', ({ key, error }) => waiting.get(key)?.(error === null ? null : { error })),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  })

  // Listens before it asks, so that an end between the two is not missed; one that is lost is found out by the lease.
  function listen(key: string): { readonly end: Promise<Ending>; readonly stop: () => void } {
    let end: (ending: Ending) => void = () => {}
    const ended = new Promise<Ending>((resolve) => {
      end = resolve
    })
    waiting.set(key, end)
    const takeBack = clock.after(lease, () => end(null))
    return {
      end: ended,
      stop() {
        takeBack()
        waiting.delete(key)
      },
    }
  }

  async function perform(key: string, run: string, work: () => unknown): Promise<unknown> {
    let takeBack = clock.after(lease / 3, renew)
    function renew(): void {
      shared.ref.send({ type: 'idempotency.renew', key, run, lease }).catch(() => {})
      takeBack = clock.after(lease / 3, renew)
    }
    try {
      const value = await work()
      await keep(key, run, value)
      return value
    } catch (error) {
      // A keeper out of reach frees the key by the lease.
      await shared.ref.ask({ type: 'idempotency.fail', key, run, error: errorValue(error, 'CRASHED') }).catch(() => {})
      throw error
    } finally {
      takeBack()
    }
  }

  async function keep(key: string, run: string, value: unknown): Promise<void> {
    const message = {
      type: 'idempotency.keep',
      key,
      run,
      ttl,
      at: clock.now(),
      ...(value === undefined ? {} : { value }),
    } as const
    try {
      await shared.use((ref) => ref.ask(message))
    } catch (error) {
      // It was done: to call it failed because the keeper is out of reach would have it done twice.
      if (isTroupeError(error, 'INVALID_MESSAGE')) throw error
    }
  }

  return {
    async run(key, hash, work) {
      const run = `${client}:${++runs}`
      const claim = { type: 'idempotency.claim', key, hash, run, holder, lease, capacity } as const
      const claimNow = () => shared.use((ref) => ref.ask({ ...claim, at: clock.now() }))
      for (;;) {
        const other = listen(key)
        try {
          const answer = await claimNow()
          if (answer.status === 'kept') return answer.value
          if (answer.status === 'claimed') break
          const ending = await other.end
          if (ending) throw errorOf(ending.error as ErrorValue)
        } finally {
          other.stop()
        }
      }
      return perform(key, run, work)
    },
    status: () => shared.use((ref) => ref.ask({ type: 'idempotency.status', at: clock.now() })),
    close: () => shared.leave(),
  }
}
