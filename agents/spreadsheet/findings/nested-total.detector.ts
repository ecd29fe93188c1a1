import { formatRange } from '../formulas/cell-reference.ts'
import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import { type AggregateUse, aggregateUses } from './aggregate-use.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells } from './cell-clusters.ts'
import { type Finding, finding } from './finding.ts'
import { cellOf, sheetOf, shownFormula } from './formula-place.ts'

/** Subtotals looked at inside one range before it is left alone. */
const mostInside = 1_000

/** Finds totals that add up a subtotal together with the cells it adds up already. */
export function detectNestedTotals(audited: AuditedWorkbook): Finding[] {
  const { index } = audited
  const sums = aggregateUses(audited)
    .filter((use) => use.name === 'SUM')
    .sort((a, b) => a.formula - b.formula)
  const byLine = Map.groupBy(sums, (use) => lineOf(use, index) ?? '')
  const nested = sums.flatMap((use): NestedTotal[] => {
    const { area } = use
    const line = `${area.sheet} ${area.left === area.right ? `column ${area.left}` : `row ${area.top}`}`
    const inner = isHalved(index, use.formula) ? null : innerSum(byLine.get(line) ?? [], use, index)
    const place = { row: index.row[use.formula] as number, column: index.column[use.formula] as number }
    return inner === null ? [] : [{ ...place, use, inner }]
  })
  const copies = Map.groupBy(nested, ({ use }) => `${index.sheet[use.formula]} ${index.unique[use.formula]}`)
  return [...copies.values()].flatMap((group) => {
    const byPlace = new Map(group.map((each) => [`${each.row} ${each.column}`, each]))
    return clusterCells(group).map((range) =>
      describe(audited, byPlace.get(`${range.top} ${range.left}`) as NestedTotal, formatRange(range)),
    )
  })
}

/** A total with the subtotal inside its range. */
interface NestedTotal {
  readonly row: number
  readonly column: number
  readonly use: AggregateUse
  readonly inner: AggregateUse
}

function describe({ workbook, index }: AuditedWorkbook, { use, inner }: NestedTotal, range: string): Finding {
  const subtotal = cellOf(index, inner.formula)
  const [area, subtotalArea] = [formatRange(use.area), formatRange(inner.area)]
  return finding({
    kind: 'nested-total',
    severity: 'high',
    sheet: sheetOf(workbook, index, use.formula),
    range,
    message: `SUM of ${area} in ${range} counts ${subtotalArea} twice: the range holds the subtotal ${subtotal} as well.`,
    evidence: { formula: shownFormula(workbook, index, use.formula), area, subtotal, subtotalArea },
  })
}

/** The line a total adds up and stands in itself; null when it stands elsewhere. */
function lineOf({ area, formula }: AggregateUse, index: FormulaIndex): string | null {
  if (area.sheet !== index.sheet[formula]) return null
  if (area.left === area.right) return index.column[formula] === area.left ? `${area.sheet} column ${area.left}` : null
  return index.row[formula] === area.top ? `${area.sheet} row ${area.top}` : null
}

function innerSum(
  line: readonly AggregateUse[],
  { area, formula }: AggregateUse,
  index: FormulaIndex,
): AggregateUse | null {
  // Formulas are numbered by rows and columns, so those of a line stand in its order.
  const start = firstAfter(line, (use) => isBefore(positionOf(use, index), area))
  for (const other of line.slice(start, start + mostInside)) {
    if (!contains(area, positionOf(other, index))) return null
    if (other.formula !== formula && contains(area, other.area)) return other
  }
  return null
}

function isBefore(position: SheetArea, area: SheetArea): boolean {
  return position.top < area.top || position.left < area.left
}

function firstAfter(line: readonly AggregateUse[], before: (use: AggregateUse) => boolean): number {
  let [low, high] = [0, line.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (before(line[middle] as AggregateUse)) low = middle + 1
    else high = middle
  }
  return low
}

function positionOf({ formula }: AggregateUse, index: FormulaIndex): SheetArea {
  const [row, column] = [index.row[formula] as number, index.column[formula] as number]
  return { sheet: index.sheet[formula] as number, top: row, bottom: row, left: column, right: column }
}

function contains(outer: SheetArea, inner: SheetArea): boolean {
  return (
    outer.sheet === inner.sheet &&
    outer.top <= inner.top &&
    outer.bottom >= inner.bottom &&
    outer.left <= inner.left &&
    outer.right >= inner.right
  )
}

/** `SUM(...)/2` is how people take out on purpose what they know to be counted twice. */
function isHalved(index: FormulaIndex, formula: number): boolean {
  const expression = index.uniques[index.unique[formula] as number]?.expression
  return (
    expression?.kind === 'binary' &&
    expression.operator === '/' &&
    expression.right.kind === 'literal' &&
    expression.right.value === 2
  )
}
