import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import { cancelledCall } from './guard-scope.ts'

/** How many calls may be under way at once, and how many may wait for that. */
export interface BulkheadOptions {
  readonly concurrency: number
  /** Default 0: a call for which there is no place is refused at once. */
  readonly queue?: number
}

/** Keeps the number of calls under way within bounds; those that wait come in order. */
export interface Bulkhead {
  /** Null when there is a place at once, else a promise of one. Throws OVERLOADED, rejects with CANCELLED. */
  enter(signal?: AbortSignal): Promise<void> | null
  /** Gives the place to the next. */
  leave(): void
}

const MOST = 1_000_000

/** Makes a bulkhead. Throws INVALID_MESSAGE for numbers that cannot be. */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const fields = policyFields(options, 'bulkhead', ['concurrency', 'queue'])
  const concurrency = fields.number('concurrency', { from: 1, to: MOST, whole: true }, Number.NaN)
  const queue = fields.number('queue', { from: 0, to: MOST, whole: true }, 0)
  const waiting = new Set<() => void>()
  let active = 0

  function wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        waiting.delete(admit)
        reject(cancelledCall(signal))
      }
      waiting.add(admit)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  return {
    enter(signal) {
      if (active < concurrency) {
        active++
        return null
      }
      if (waiting.size < queue) return wait(signal)
      throw new TroupeError(
        'OVERLOADED',
        `${calls(active)} under way and ${waiting.size} waiting: there is no place for another`,
        {
          hint: 'call again later, or give the bulkhead more concurrency or a longer queue',
          data: { active, waiting: waiting.size },
        },
      )
    },
    leave() {
      const [next] = waiting
      if (!next) {
        active--
        return
      }
      waiting.delete(next)
      next()
    },
  }
}

function calls(count: number): string {
  return count === 1 ? '1 call is' : `${count} calls are`
}
