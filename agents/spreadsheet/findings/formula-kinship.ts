import type { AreaReference, FormulaReference } from '../formulas/formula-expression.ts'
import type { FormulaIndex, UniqueFormula } from '../formulas/formula-index.ts'
import type { Direction } from './formula-line.ts'
import { type KeyGrid, numberKey } from './key-grid.ts'

/** Whether one of the single cells that a formula would read from here is a formula that reads this cell. */
export function readsBack(
  index: FormulaIndex,
  grid: KeyGrid,
  unique: UniqueFormula,
  row: number,
  column: number,
): boolean {
  return unique.references.some(({ reference }) => {
    if (!isNearCell(reference)) return false
    const down = reference.top.at
    const right = reference.left.at
    const other = index.uniques[grid.at(row + down, column + right)]
    return (
      other?.references.some(
        (back) => isNearCell(back.reference) && back.reference.top.at === -down && back.reference.left.at === -right,
      ) ?? false
    )
  })
}

function isNearCell(reference: FormulaReference): reference is AreaReference {
  if (reference.kind !== 'area' || reference.sheet !== null || reference.workbook !== null) return false
  const { top, left, bottom, right } = reference
  return !top.fixed && !left.fixed && !bottom.fixed && !right.fixed && top.at === bottom.at && left.at === right.at
}

/** Whether a formula would find typed-in numbers at all its near ends if it stood in a cell: the row is one of the data. */
export function readsNumbers(grid: KeyGrid, unique: UniqueFormula, row: number, column: number): boolean {
  const near = unique.references.flatMap(({ reference }) => {
    if (reference.kind !== 'area' || reference.sheet !== null || reference.top.fixed || reference.left.fixed) return []
    return [grid.at(row + reference.top.at, column + reference.left.at)]
  })
  return near.length > 0 && near.every((key) => key === numberKey)
}

/** How far from itself, along a line, a formula reads. */
export function offsetsAlong({ references }: UniqueFormula, direction: Direction): string {
  const offsets = references.flatMap(({ reference }) => {
    if (reference.kind !== 'area') return []
    const { at, fixed } = direction === 'down' ? reference.top : reference.left
    return fixed ? [] : [at]
  })
  return offsets.sort((a, b) => a - b).join()
}

/** Whether a formula reads nothing but cells of its own line, as a subtotal does. */
export function readsOnlyLine(unique: UniqueFormula, direction: Direction): boolean {
  const areas = unique.references.map(({ reference }) => reference)
  if (areas.length === 0) return false
  return areas.every((area) => area.kind === 'area' && area.sheet === null && isAlong(area, direction))
}

function isAlong(area: AreaReference, direction: Direction): boolean {
  const [from, to] = direction === 'down' ? [area.left, area.right] : [area.top, area.bottom]
  return !from.fixed && !to.fixed && from.at === 0 && to.at === 0
}
