import { formatRange } from '../formulas/cell-reference.ts'
import { type ClusteredCell, clusterCells } from './cell-clusters.ts'

/** The cells of a finding that gathers many, as evidence: the ranges that are listed, and how many more there are. */
export interface GatheredRanges {
  readonly ranges: string[]
  readonly moreRanges: number
}

const mostRanges = 40

/** Lists the ranges that cover cells, from the top down. */
export function gatheredRanges(cells: readonly ClusteredCell[]): GatheredRanges {
  const ranges = clusterCells(cells)
  return {
    ranges: ranges.slice(0, mostRanges).map(formatRange),
    moreRanges: Math.max(0, ranges.length - mostRanges),
  }
}
