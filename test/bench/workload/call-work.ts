import { strictEqual } from 'node:assert/strict'
import type { Probe } from '../bench-case.ts'
import { nanoseconds } from '../stopwatch.ts'

const AT_ONCE = 16

/** What is called: an async function that does next to nothing, so that only what stands before it is measured. */
export async function callWork(): Promise<number> {
  return 7
}

/** Nanoseconds a call through whatever stands before the work, sixteen calls under way at once. */
export function callProbe(call: () => Promise<number>, isRight: () => boolean = () => true): Probe {
  return {
    async check() {
      strictEqual(await call(), 7)
      strictEqual(isRight(), true)
    },
    sample: nanoseconds(async (count) => {
      let left = count
      const caller = async (): Promise<void> => {
        while (left-- > 0) await call()
      }
      await Promise.all(Array.from({ length: AT_ONCE }, caller))
    }),
  }
}
