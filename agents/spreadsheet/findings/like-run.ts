import type { Sheet } from '../workbook.ts'
import type { KeyGrid } from './key-grid.ts'

/** How far cells of one key go on down a column or along a row. */
export interface LikeRuns {
  /** The last position of the run that the cell at `position` belongs to. */
  endOf(down: boolean, line: number, position: number): number
}

/** Finds runs of like cells; each line is walked once, however often it is asked about. */
export function likeRuns(grid: KeyGrid, { used }: Sheet): LikeRuns {
  const lines = new Map<string, Uint32Array>()
  return {
    endOf(down, line, position) {
      const last = down ? (used?.bottom ?? 0) : (used?.right ?? 0)
      if (position >= last) return position
      const key = `${down} ${line}`
      let ends = lines.get(key)
      if (ends === undefined)
        lines.set(key, (ends = walk((at) => (down ? grid.at(at, line) : grid.at(line, at)), last)))
      return ends[position] as number
    },
  }
}

function walk(keyAt: (at: number) => number, last: number): Uint32Array {
  const ends = new Uint32Array(last + 1)
  ends[last] = last
  let next = keyAt(last)
  for (let at = last - 1; at >= 0; at--) {
    const key = keyAt(at)
    ends[at] = key === next ? (ends[at + 1] as number) : at
    next = key
  }
  return ends
}
