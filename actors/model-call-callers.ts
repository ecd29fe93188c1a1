import type { LentClock } from '../runtime/kernel/lent-clock.ts'
import type { CallGates } from './model-call-gates.ts'
import type { StructuredOutput } from './models/structured-output.ts'

/** What a caller in this process lends to its call, for as long as it lasts: what is no plain data. */
export interface CallerSide {
  readonly gates: CallGates
  readonly output: StructuredOutput<unknown> | null
}

/** The callers of a process. A node is known by its clock, since one process may run several. */
export interface ModelCallers {
  /** Lends a side to the call of a key; the first that was lent holds. Call what it returns to take it back. */
  lend(clock: LentClock, key: string, side: CallerSide): () => void
  find(clock: LentClock, key: string): CallerSide | null
}

/** Makes an empty list of callers. */
export function createModelCallers(): ModelCallers {
  const nodes = new WeakMap<LentClock, Map<string, { readonly side: CallerSide; users: number }>>()
  return {
    lend(clock, key, side) {
      const sides = nodes.get(clock) ?? new Map<string, { readonly side: CallerSide; users: number }>()
      nodes.set(clock, sides)
      const entry = sides.get(key) ?? { side, users: 0 }
      sides.set(key, entry)
      entry.users++
      return () => {
        if (--entry.users === 0) sides.delete(key)
      }
    },
    find: (clock, key) => nodes.get(clock)?.get(key)?.side ?? null,
  }
}
