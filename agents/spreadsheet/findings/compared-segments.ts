import type { FormulaIndex, UniqueFormula } from '../formulas/formula-index.ts'
import type { Sheet } from '../workbook.ts'
import { readsBack, readsNumbers, readsOnlyLine } from './formula-kinship.ts'
import { cellOnLine, type FormulaLine, type LineSegment } from './formula-line.ts'
import { type KeyGrid, numberKey } from './key-grid.ts'

/** A sheet with what its cells are compared by. */
export interface ComparedSheet {
  readonly sheet: Sheet
  readonly position: number
  readonly grid: KeyGrid
  readonly index: FormulaIndex
}

/**
 * The segments of a line that can be held against each other. Taken out, so that the run goes on behind them, are
 * subtotals, and constants where the formula of the line cannot stand because a cell it would read reads this one: of
 * a pair of converted values (miles and kilometres) either may be the one typed in.
 */
export function comparedSegments(compared: ComparedSheet, line: FormulaLine): LineSegment[] {
  const { index, grid } = compared
  const main = index.uniques[mainKey(line.segments)]
  if (main === undefined) return [...line.segments]
  const kept: LineSegment[] = []
  for (const segment of line.segments) {
    const own = index.uniques[segment.key]
    if (segment.key === numberKey) {
      for (let at = segment.start; at <= segment.end; at++) {
        const [row, column] = cellOnLine(line, at)
        if (!readsBack(index, grid, main, row, column)) join(kept, { key: numberKey, start: at, end: at, size: 1 })
      }
    } else if (own === undefined || own === main || !isSubtotal(compared, line, own, main, segment.start)) {
      join(kept, segment)
    }
  }
  return kept
}

/** Whether a formula reads nothing but its own line, where the like formulas do not and would find no data to read. */
export function isSubtotal(
  { grid }: ComparedSheet,
  line: FormulaLine,
  own: UniqueFormula,
  like: UniqueFormula,
  at: number,
): boolean {
  if (!readsOnlyLine(own, line.direction) || readsOnlyLine(like, line.direction)) return false
  const [row, column] = cellOnLine(line, at)
  return !readsNumbers(grid, like, row, column)
}

/** The formula most cells of a line have. */
function mainKey(segments: readonly LineSegment[]): number {
  const sizes = new Map<number, number>()
  let main = numberKey
  for (const { key, size } of segments) {
    if (key < 0) continue
    const sum = (sizes.get(key) ?? 0) + size
    sizes.set(key, sum)
    if (sum > (sizes.get(main) ?? 0)) main = key
  }
  return main
}

function join(segments: LineSegment[], next: LineSegment): void {
  const last = segments.at(-1)
  if (last?.key !== next.key) segments.push(next)
  else segments[segments.length - 1] = { ...last, end: next.end, size: last.size + next.size }
}
