import type { Cell, WorkbookFormat } from '../workbook.ts'
import { type Scalar, isError } from './formula-value.ts'

/** Numbers agree when they differ by no more than this share of the larger one ... */
const relativeTolerance = 1e-9

/** ... or by no more than this, which is what sums that should be zero leave behind. */
const absoluteTolerance = 1e-9

/** Whether two numbers are the same but for rounding. */
const numbersAgree = (one: number, other: number): boolean => {
  const difference = Math.abs(one - other)
  return difference <= absoluteTolerance || difference <= relativeTolerance * Math.max(Math.abs(one), Math.abs(other))
}

/** Whether a computed value is the one saved in the cell. OpenDocument files save booleans as numbers. */
export const agreesWithCache = (computed: Scalar, cell: Cell, format: WorkbookFormat): boolean => {
  if (format === 'ods' && typeof computed === 'boolean' && cell.type === 'number')
    return Number(computed) === cell.value
  if (isError(computed)) return cell.type === 'error' && computed.code === cell.value
  if (cell.type === 'number') return typeof computed === 'number' && numbersAgree(computed, Number(cell.value))
  if (cell.type === 'text') return computed === cell.value
  return cell.type === 'boolean' && computed === cell.value
}
