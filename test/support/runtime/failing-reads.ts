import type { Journal } from '../../../runtime/index.ts'
import { alteredReads } from './altered-reads.ts'

/** A journal whose reads can fail. */
export interface FailingReads extends Journal {
  /** As many of the next reads fail, of addresses that have the text in them. */
  failReads(count: number, of: string): void
}

/** Makes a journal whose reads fail when they are told to. */
export function failingReads(inner: Journal): FailingReads {
  let left = 0
  let part = ''
  return {
    ...alteredReads(inner, async (address, read) => {
      if (left === 0 || !address.includes(part)) return read()
      left--
      throw new Error('the medium did not answer')
    }),
    failReads(count, of) {
      left = count
      part = of
    },
  }
}
