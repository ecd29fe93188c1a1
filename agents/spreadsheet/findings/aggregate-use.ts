import { maxColumns, maxRows } from '../formulas/cell-reference.ts'
import type { AreaReference } from '../formulas/formula-expression.ts'
import { formulaAt, type UniqueFormula } from '../formulas/formula-index.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { walkExpression } from './expression-walk.ts'
import { areasOf } from './formula-place.ts'

/** One range that a formula hands to an aggregating function: a part of one column or one row. */
export interface AggregateUse {
  readonly formula: number
  /** The function, in upper case. */
  readonly name: string
  /** Position among the ranges of the formula. */
  readonly at: number
  readonly area: SheetArea
  /** What else the formula reads. */
  readonly others: readonly SheetArea[]
}

const aggregates = new Set([
  'SUM',
  'AVERAGE',
  'MIN',
  'MAX',
  'COUNT',
  'COUNTA',
  'PRODUCT',
  'SUBTOTAL',
  'MEDIAN',
  'STDEV',
])

/** All uses of aggregating functions, except those of a window that moves from one formula to the next. */
export function aggregateUses({ index, names }: AuditedWorkbook): AggregateUse[] {
  const uses: AggregateUse[] = []
  for (const unique of index.uniques) {
    const calls = aggregateCalls(unique)
    if (calls.length === 0) continue
    for (const formula of unique.cells) {
      const areas = areasOf(index, names, formula)
      calls.forEach(({ name, reference }, at) => {
        if (isMovingWindow(unique, reference, formula)) return
        const place = {
          sheet: index.sheet[formula] ?? 0,
          row: index.baseRow[formula] ?? 0,
          column: index.baseColumn[formula] ?? 0,
        }
        const [area, ...more] = names.areas(reference, place) ?? []
        if (area === undefined || more.length > 0 || !isLine(area)) return
        const others = areas.filter((other) => !sameArea(other, area))
        uses.push({ formula, name, at, area, others })
      })
    }
  }
  return uses

  function isMovingWindow(
    unique: UniqueFormula,
    { top, bottom, left, right }: AreaReference,
    formula: number,
  ): boolean {
    const down = left.at === right.at && left.fixed === right.fixed
    const moves = down ? !bottom.fixed || !top.fixed : !right.fixed || !left.fixed
    if (!moves || unique.cells.length < 2) return false
    const row = index.row[formula] as number
    const column = index.column[formula] as number
    const beside = (by: number) => {
      const other = formulaAt(index, index.sheet[formula] as number, down ? row + by : row, down ? column : column + by)
      return other >= 0 && index.unique[other] === unique.id
    }
    return beside(-1) || beside(1)
  }
}

interface AggregateCall {
  readonly name: string
  readonly reference: AreaReference
}

function aggregateCalls(unique: UniqueFormula): AggregateCall[] {
  const calls: AggregateCall[] = []
  if (!unique.functions.some((name) => aggregates.has(name))) return calls
  for (const { node, parent } of walkExpression(unique.expression)) {
    if (parent?.kind !== 'call' || !aggregates.has(parent.name)) continue
    if (node.kind === 'reference' && node.reference.kind === 'area')
      calls.push({ name: parent.name, reference: node.reference })
  }
  return calls
}

function isLine({ top, left, bottom, right }: SheetArea): boolean {
  if (bottom - top >= maxRows - 1 || right - left >= maxColumns - 1) return false
  return (left === right) !== (top === bottom)
}

function sameArea(a: SheetArea, b: SheetArea): boolean {
  return a.sheet === b.sheet && a.top === b.top && a.left === b.left && a.bottom === b.bottom && a.right === b.right
}
