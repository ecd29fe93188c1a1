import { isTroupeError, type TroupeError } from '../protocol/errors.ts'

/** What could be read of a journal, and what is wrong with the rest. */
export interface IntactItems<T> {
  readonly items: readonly T[]
  readonly faults: readonly TroupeError[]
}

/** Reads what is intact, and makes of each item what `make` says; null leaves it out. One damaged item hides no other. */
export async function intactItems<Item, T>(
  items: AsyncIterable<Item>,
  make: (item: Item) => T | null,
): Promise<IntactItems<T>> {
  const made: T[] = []
  const faults: TroupeError[] = []
  const iterator = items[Symbol.asyncIterator]()
  for (;;) {
    try {
      const { done, value } = await iterator.next()
      if (done === true) return { items: made, faults }
      const one = make(value)
      if (one !== null) made.push(one)
    } catch (error) {
      // Each of these names an item; the last page of a damaged file ends the reading by itself.
      if (!isTroupeError(error) || faults.at(-1)?.message === error.message) throw error
      faults.push(error)
    }
  }
}
