import { TroupeError } from '../protocol/errors.ts'
import { authorise, type Principal } from '../protocol/principal.ts'
import type { DeadLetterRecord } from '../protocol/record.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Kernel } from './kernel.ts'

/** The messages that nobody processed. */
export interface DeadLetterBox extends Pick<DeadLetters, 'list' | 'dropped'> {
  /** Those to and from durable actors, which outlive the process, the oldest first. */
  kept(): Promise<readonly DeadLetterRecord[]>
  /**
   * Sends a kept letter to its actor again. Resolves when what came of it is durable: another failure leaves a new letter.
   * Rejects with NOT_FOUND for an unknown id, with what `send` rejects with, and with REJECTED for what the chart said to
   * itself in a state that is over; then the letter stays. Needs the grant `troupe.replay`.
   */
  replay(id: string): Promise<void>
  /** Drops a kept letter for good. Needs the grant `troupe.replay`. */
  discard(id: string): Promise<void>
}

/** Makes the box of a node, for a principal. */
export function createDeadLetterBox(kernel: Kernel, principal: Principal): DeadLetterBox {
  const { deadLetters } = kernel

  async function find(id: string): Promise<DeadLetterRecord> {
    for await (const letter of kernel.store?.letters() ?? []) {
      if (letter.id === id) return letter
    }
    throw new TroupeError('NOT_FOUND', `there is no dead letter '${id}'`, {
      where: id,
      hint: 'it may have been replayed or dropped: look at deadLetters.kept()',
    })
  }

  return {
    get dropped() {
      return deadLetters.dropped
    },
    list: () => deadLetters.list(),
    async kept() {
      await kernel.store?.settled()
      const letters: DeadLetterRecord[] = []
      for await (const letter of kernel.store?.letters() ?? []) letters.push(letter)
      return letters
    },
    async replay(id) {
      authorise(principal, 'troupe.replay', id)
      await deadLetters.replayed(id, async () => kernel.store?.replay(await find(id)))
    },
    async discard(id) {
      authorise(principal, 'troupe.replay', id)
      const letter = await find(id)
      await kernel.store?.discard(letter.id)
    },
  }
}
