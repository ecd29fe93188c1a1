import type { FormulaIndex } from '../formulas/formula-index.ts'
import { type KeyGrid, numberKey } from './key-grid.ts'

/** Along a column (`down`) or along a row (`across`). */
export type Direction = 'down' | 'across'

/** Consecutive cells of one line with the same key. */
export interface LineSegment {
  readonly key: number
  readonly start: number
  readonly end: number
  /** Cells with the key: fewer than from start to end where others were taken out between them. */
  readonly size: number
}

/** An unbroken stretch of numbers and formulas in one column or row, cut into segments of like cells. */
export interface FormulaLine {
  readonly direction: Direction
  /** The column of a `down` line, the row of an `across` line. */
  readonly position: number
  readonly segments: readonly LineSegment[]
}

/** The row and column of a position along a line. */
export function cellOnLine(
  { direction, position }: Pick<FormulaLine, 'direction' | 'position'>,
  at: number,
): [row: number, column: number] {
  return direction === 'down' ? [at, position] : [position, at]
}

/** The stretches of a sheet that hold at least two formulas. Blanks and texts end a stretch. */
export function* formulaLines(grid: KeyGrid, index: FormulaIndex, sheet: number): Generator<FormulaLine> {
  for (const direction of ['down', 'across'] as const) {
    for (const [position, formulas] of formulaPositions(index, sheet, direction)) {
      if (formulas.length < 2) continue
      const keyAt = (at: number) => (direction === 'down' ? grid.at(at, position) : grid.at(position, at))
      for (const segments of stretches(keyAt, formulas)) yield { direction, position, segments }
    }
  }
}

/** The rows of the formulas in each column, or the columns of those in each row, in order. */
function formulaPositions(index: FormulaIndex, sheet: number, direction: Direction): Map<number, number[]> {
  const found = new Map<number, number[]>()
  const end = index.sheetStart[sheet + 1] ?? index.count
  for (let formula = index.sheetStart[sheet] ?? end; formula < end; formula++) {
    const row = index.row[formula] as number
    const column = index.column[formula] as number
    const [position, at] = direction === 'down' ? [column, row] : [row, column]
    const line = found.get(position)
    if (line === undefined) found.set(position, [at])
    else line.push(at)
  }
  return found
}

/** Goes from formula to formula, so that the blanks of a sparse sheet cost nothing. */
function* stretches(keyAt: (at: number) => number, formulas: readonly number[]): Generator<LineSegment[]> {
  let reached = -1
  for (const formula of formulas) {
    if (formula <= reached) continue
    const segments: LineSegment[] = []
    for (reached = formula; ; reached++) {
      const key = keyAt(reached)
      if (key < numberKey) break
      const open = segments.at(-1)
      if (open?.key === key) segments[segments.length - 1] = { ...open, end: reached, size: open.size + 1 }
      else segments.push({ key, start: reached, end: reached, size: 1 })
    }
    yield segments
  }
}
