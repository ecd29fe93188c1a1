import type { Adjacency } from './edge-list.ts'
import type { StrongComponents } from './strong-components.ts'

/** The longest chain of formulas that depend on each other. */
export interface LongestChain {
  /** How many formulas; a circular group counts once. */
  readonly length: number
  /** One chain of that length, from the formula computed first to the last. */
  readonly formulas: Uint32Array
}

/** The longest path over the components; only nodes below `formulaCount` count, the others are ranges. */
export const longestChain = (
  components: StrongComponents,
  { start, target }: Adjacency,
  formulaCount: number,
): LongestChain => {
  const { count, component, order } = components
  const length = new Uint32Array(count)
  const next = new Int32Array(count).fill(-1)
  const example = new Int32Array(count).fill(-1)
  let deepest = -1
  let at = 0
  while (at < order.length) {
    const current = component[order[at] ?? 0] ?? 0
    let below = 0
    for (; at < order.length && component[order[at] ?? 0] === current; at += 1) {
      const node = order[at] ?? 0
      if (node < formulaCount) example[current] = node
      const end = start[node + 1] ?? 0
      for (let edge = start[node] ?? 0; edge < end; edge += 1) {
        const to = component[target[edge] ?? 0] ?? 0
        if (to === current || (length[to] ?? 0) <= below) continue
        below = length[to] ?? 0
        next[current] = to
      }
    }
    length[current] = below + ((example[current] ?? -1) >= 0 ? 1 : 0)
    if (deepest < 0 || (length[current] ?? 0) > (length[deepest] ?? 0)) deepest = current
  }
  const formulas: number[] = []
  for (let walk = deepest; walk >= 0; walk = next[walk] ?? -1) {
    const formula = example[walk] ?? -1
    if (formula >= 0) formulas.push(formula)
  }
  return { length: formulas.length, formulas: Uint32Array.from(formulas.toReversed()) }
}
