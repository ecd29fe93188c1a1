import { isTroupeError, type TroupeError } from '../protocol/errors.ts'

/** What could be read of a journal, and what is wrong with the rest. */
export interface IntactItems<T> {
  readonly items: readonly T[]
  readonly faults: readonly TroupeError[]
}

/**
 * Reads what is intact, and makes of each item what `make` says; null leaves it out. One damaged item hides no other. Throws
 * when nothing is intact.
 */
export async function intactItems<Item, T>(
  items: AsyncIterable<Item>,
  make: (item: Item) => T | null,
): Promise<IntactItems<T>> {
  const made: T[] = []
  const faults: TroupeError[] = []
  let read = 0
  const iterator = items[Symbol.asyncIterator]()
  for (;;) {
    try {
      const { done, value } = await iterator.next()
      if (done === true) break
      read++
      const one = make(value)
      if (one !== null) made.push(one)
    } catch (error) {
      if (!isTroupeError(error)) throw error
      faults.push(error)
    }
  }
  // Where nothing at all could be read there is no list to leave it out of.
  if (read === 0 && faults[0]) throw faults[0]
  return { items: made, faults }
}
