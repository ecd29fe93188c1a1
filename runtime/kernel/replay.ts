import { TroupeError } from '../protocol/errors.ts'
import type { DeadLetterRecord } from '../protocol/record.ts'
import { accept } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { unknownActor } from './route.ts'
import type { Shard } from './shard.ts'
import type { Store } from './store.ts'

/**
 * Sends a dead letter to its actor again, on behalf of whoever sent it first. It is gone from the letters with the same
 * append that has what came of it; should that be another failure, there is a new letter.
 */
export function replayLetter(kernel: Kernel, store: Store, shard: Shard, letter: DeadLetterRecord): Promise<void> {
  const { id, to, from, event, principal } = letter
  return new Promise((resolve, reject) => {
    store.reach(to, (cell, error) => {
      if (!cell) return reject(error ?? unknownActor(to))
      const settle = (): void => {
        shard.bury(id)
        shard.settled().then(resolve, reject)
      }
      try {
        accept(kernel, cell, { event, from, principal, origin: { settle } }, null, null)
      } catch (refusal) {
        reject(refusal as TroupeError)
      }
    })
  })
}
