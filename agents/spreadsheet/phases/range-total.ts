import type { CellRange, Sheet } from '../workbook.ts'
import type { totalFunctions } from './claim.ts'

/** A recomputed total, or why there is none. */
export type RangeTotal = { readonly value: number } | { readonly value: null; readonly reason: string }

/** Recomputes a total over the cells of a range as a spreadsheet does: numbers count, texts and blanks do not. */
export function rangeTotal(sheet: Sheet, range: CellRange, name: (typeof totalFunctions)[number]): RangeTotal {
  const numbers: number[] = []
  const bottom = Math.min(range.bottom, sheet.rows.length - 1)
  for (let row = range.top; row <= bottom; row++) {
    const cells = sheet.rows[row]
    if (cells === undefined) continue
    for (let column = range.left; column <= Math.min(range.right, cells.length - 1); column++) {
      const cell = cells[column]
      if (cell?.type === 'error' && name !== 'COUNT') return { value: null, reason: `the range shows ${cell.value}.` }
      if (cell?.type === 'empty') return { value: null, reason: 'the range holds formulas without a saved value.' }
      if (typeof cell?.value === 'number') numbers.push(cell.value)
    }
  }
  if (name === 'COUNT') return { value: numbers.length }
  if (numbers.length === 0)
    return name === 'AVERAGE' ? { value: null, reason: 'the range holds no numbers.' } : { value: 0 }
  if (name === 'MIN') return { value: numbers.reduce((a, b) => Math.min(a, b)) }
  if (name === 'MAX') return { value: numbers.reduce((a, b) => Math.max(a, b)) }
  const sum = numbers.reduce((a, b) => a + b, 0)
  return { value: name === 'AVERAGE' ? sum / numbers.length : sum }
}
