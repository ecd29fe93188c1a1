import type { AreaReference, Coordinate, FormulaReference } from '../formulas/formula-expression.ts'
import type { UniqueFormula } from '../formulas/formula-index.ts'
import { resolveRange } from '../formulas/workbook-names.ts'
import type { CellRange } from '../workbook.ts'
import { formulaShape } from './formula-shape.ts'

/** How a formula differs from another when all that differs is what `$` fixes. */
export interface DollarDifference {
  /** The first reference that is fixed otherwise, from the cell of the formula. */
  readonly range: CellRange
  /** The sheet it is on, null for the formula's own. */
  readonly sheet: string | null
  /** Whether the `$` is here and not there, there and not here, or on another part of the reference. */
  readonly how: 'fixed' | 'moving' | 'otherwise'
  /** Whether both would read the same cells here: the numbers are right until the formula is copied. */
  readonly sameCells: boolean
}

/** Compares two formulas in one cell; null when they differ in anything else, or in nothing. */
export function dollarDifference(
  own: UniqueFormula,
  like: UniqueFormula,
  row: number,
  column: number,
): DollarDifference | null {
  if (own.references.length !== like.references.length) return null
  const place = { sheet: 0, row, column }
  let first: AreaReference | null = null
  let how: DollarDifference['how'] = 'otherwise'
  let sameCells = true
  for (const [at, { reference }] of own.references.entries()) {
    const other = like.references[at]?.reference
    if (reference.kind !== 'area' || other?.kind !== 'area') {
      if (JSON.stringify(reference) !== JSON.stringify(other)) return null
      continue
    }
    const [here, there] = [fixedParts(reference), fixedParts(other)]
    const same = sameRange(resolveRange(reference, place), resolveRange(other, place))
    sameCells &&= same
    if (here === there) {
      if (!same) return null
    } else if (first === null) {
      first = reference
      how = covers(here, there) ? 'fixed' : covers(there, here) ? 'moving' : 'otherwise'
    }
  }
  if (first === null || withoutDollars(own) === null || withoutDollars(own) !== withoutDollars(like)) return null
  return { range: resolveRange(first, place), sheet: first.sheet, how, sameCells }
}

function withoutDollars({ expression }: UniqueFormula): string | null {
  return formulaShape(expression, (reference: FormulaReference) => {
    if (reference.kind !== 'area') return JSON.stringify(reference).toLowerCase()
    const { workbook, sheet, lastSheet } = reference
    return JSON.stringify([workbook, sheet, lastSheet]).toLowerCase()
  })
}

function corners({ top, left, bottom, right }: AreaReference): readonly Coordinate[] {
  return [top, left, bottom, right]
}

/** One bit for each coordinate that is fixed. */
function fixedParts(area: AreaReference): number {
  return corners(area).reduce((bits, { fixed }, at) => (fixed ? bits | (1 << at) : bits), 0)
}

function covers(all: number, some: number): boolean {
  return (all & some) === some
}

function sameRange(a: CellRange, b: CellRange): boolean {
  return a.top === b.top && a.left === b.left && a.bottom === b.bottom && a.right === b.right
}
