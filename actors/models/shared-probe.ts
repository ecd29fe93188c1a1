import type { FailureScope } from './provider-failure.ts'

/** Finds something out once for each name: who asks meanwhile waits with the first, and what failed is not kept. */
export type SharedProbe<T> = (name: string, scope: FailureScope, find: () => Promise<T>) => Promise<T>

/** A probe that several callers share. */
export function sharedProbe<T>(): SharedProbe<T> {
  const found = new Map<string, Promise<T>>()
  return async (name, { signal }, find) => {
    for (;;) {
      const others = found.get(name)
      const answer = others ?? find()
      if (!others) found.set(name, answer)
      try {
        return await answer
      } catch (thrown) {
        if (found.get(name) === answer) found.delete(name)
        // Who asked first may have been cancelled, which is no answer to who waited with him.
        if (!others || signal?.aborted) throw thrown
      }
    }
  }
}
