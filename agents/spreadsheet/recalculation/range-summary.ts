import type { SheetArea } from '../formulas/workbook-names.ts'
import type { CellSource } from './cell-source.ts'
import { type FormulaError, isError, rangeRows } from './formula-value.ts'

/** What sums, means and counts need to know of a range. */
export interface RangeSummary {
  readonly sum: number
  /** Numbers, their least and greatest; infinite where there are none. */
  readonly count: number
  readonly least: number
  readonly greatest: number
  /** Cells that are not blank. */
  readonly filled: number
  /** Cells with an empty text. */
  readonly emptyTexts: number
  readonly error: FormulaError | null
}

type Summing = { -readonly [Key in keyof RangeSummary]: RangeSummary[Key] }

/**
 * Columns are summed in blocks of rows, each once: ten thousand totals over a growing or shrinking range then read a
 * few hundred blocks and cells each, not ten thousand.
 */
const blockRows = 256

/** Summarizes ranges, and remembers the blocks. */
export type RangeSummarizer = (area: SheetArea, cells: CellSource) => RangeSummary

/** A summarizer for one workbook whose values do not change. */
export const rangeSummarizer = (): RangeSummarizer => {
  const blocks = new Map<number, (RangeSummary | undefined)[]>()

  const addColumn = (total: Summing, area: SheetArea, column: number, cells: CellSource): void => {
    const part = (top: number, bottom: number): SheetArea => ({
      sheet: area.sheet,
      top,
      bottom,
      left: column,
      right: column,
    })
    const first = Math.ceil(area.top / blockRows)
    const last = Math.floor((area.bottom + 1) / blockRows) - 1
    if (first > last) {
      addCells(total, part(area.top, area.bottom), cells)
      return
    }
    addCells(total, part(area.top, first * blockRows - 1), cells)
    const key = area.sheet * 16_384 + column
    let known = blocks.get(key)
    if (known === undefined) {
      known = []
      blocks.set(key, known)
    }
    cells.spend(last - first + 1)
    for (let block = first; block <= last; block += 1) {
      let found = known[block]
      if (found === undefined) {
        const made = nothing()
        addCells(made, part(block * blockRows, (block + 1) * blockRows - 1), cells)
        known[block] = made
        found = made
      }
      addSummary(total, found)
    }
    addCells(total, part((last + 1) * blockRows, area.bottom), cells)
  }

  return (asked, cells) => {
    const used = cells.workbook.sheets[asked.sheet]?.used ?? null
    const total = nothing()
    if (used === null) return total
    const area = { ...asked, bottom: Math.min(asked.bottom, used.bottom), right: Math.min(asked.right, used.right) }
    if (rangeRows(area) < blockRows * 2) {
      addCells(total, area, cells)
      return total
    }
    for (let column = area.left; column <= area.right; column += 1) addColumn(total, area, column, cells)
    // Of several errors the first one counts, row by row.
    if (total.error === null || area.left === area.right) return total
    const inOrder = nothing()
    addCells(inOrder, area, cells)
    return inOrder
  }
}

const nothing = (): Summing => ({
  sum: 0,
  count: 0,
  least: Number.POSITIVE_INFINITY,
  greatest: Number.NEGATIVE_INFINITY,
  filled: 0,
  emptyTexts: 0,
  error: null,
})

const addCells = (total: Summing, area: SheetArea, cells: CellSource): void => {
  if (area.top > area.bottom) return
  cells.scan(area, (value) => {
    total.filled += 1
    if (typeof value === 'number') {
      total.sum += value
      total.count += 1
      if (value < total.least) total.least = value
      if (value > total.greatest) total.greatest = value
    } else if (value === '') total.emptyTexts += 1
    else if (total.error === null && isError(value)) total.error = value
  })
}

const addSummary = (total: Summing, part: RangeSummary): void => {
  total.sum += part.sum
  total.count += part.count
  total.least = Math.min(total.least, part.least)
  total.greatest = Math.max(total.greatest, part.greatest)
  total.filled += part.filled
  total.emptyTexts += part.emptyTexts
  total.error ??= part.error
}
