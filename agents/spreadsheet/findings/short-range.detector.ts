import { formatAddress, formatRange } from '../formulas/cell-reference.ts'
import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import { type AggregateUse, aggregateUses } from './aggregate-use.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells, rangeSize } from './cell-clusters.ts'
import { type Finding, finding } from './finding.ts'
import { shownFormula } from './formula-place.ts'
import { siblingGaps } from './sibling-total.ts'
import { type KeyGrid, keyGrid, numberKey } from './key-grid.ts'

interface ShortRange {
  readonly use: AggregateUse
  /** The like cells the range leaves out. */
  readonly missed: SheetArea
  /** How one sees that the cells belong to it. */
  readonly where: 'between its range and the total' | 'right behind its range' | 'in the totals beside it'
}

/** Finds totals and averages whose range ends before the block of like cells does. */
export function detectShortRanges(audited: AuditedWorkbook): Finding[] {
  const { workbook, index } = audited
  const uses = aggregateUses(audited)
  const starts = new Set(uses.map(({ area }) => startKey(area)))
  const grids = new Map<number, KeyGrid>()
  const gridOf = (sheet: number): KeyGrid => {
    const known = grids.get(sheet)
    if (known !== undefined) return known
    const made = keyGrid(workbook.sheets[sheet] as (typeof workbook.sheets)[number], sheet, index)
    grids.set(sheet, made)
    return made
  }
  const gaps = siblingGaps(uses, index)
  const found = uses.flatMap((use): ShortRange[] => {
    const grid = gridOf(use.area.sheet)
    const short = shortRange(audited, use, grid, starts) ?? siblingRange(use, gaps.get(use) ?? [], grid, index)
    return short === null ? [] : [short]
  })
  const groups = Map.groupBy(found, ({ use }) => `${index.sheet[use.formula]} ${index.unique[use.formula]} ${use.at}`)
  return [...groups.values()].flatMap((group) => describe(audited, group))
}

function shortRange(
  { workbook, index }: AuditedWorkbook,
  use: AggregateUse,
  grid: KeyGrid,
  starts: ReadonlySet<string>,
): ShortRange | null {
  const { area, formula } = use
  const down = area.left === area.right
  const length = down ? area.bottom - area.top + 1 : area.right - area.left + 1
  const cellAt = (along: number) => (down ? { row: along, column: area.left } : { row: area.top, column: along })
  const keyAt = (along: number) => grid.at(cellAt(along).row, cellAt(along).column)
  const valueAt = (along: number) => {
    const { row, column } = cellAt(along)
    return workbook.sheets[area.sheet]?.rows[row]?.[column]
  }
  const own = (along: number) =>
    index.sheet[formula] === area.sheet &&
    index.row[formula] === cellAt(along).row &&
    index.column[formula] === cellAt(along).column
  const [first, last] = down ? [area.top, area.bottom] : [area.left, area.right]
  const like = keyAt(last)
  if (like < numberKey) return null
  let end = last
  while (keyAt(end + 1) === like && !own(end + 1) && end - last <= length) end++
  const missing = end - last
  if (missing === 0 || missing > Math.ceil(length / 2)) return null
  const missed: SheetArea = down ? { ...area, top: last + 1, bottom: end } : { ...area, left: last + 1, right: end }
  if (starts.has(startKey(missed, down)) || use.others.some((other) => touches(other, missed))) return null
  if (like === numberKey && length <= 10_000 && isTypedTotal(valueAt, first, last)) return null
  if (like >= 0 && keyAt(first) !== like) return null
  const upToTotal = own(end + 1)
  if (upToTotal) return { use, missed, where: 'between its range and the total' }
  return missing * 5 <= length ? { use, missed, where: 'right behind its range' } : null
}

/** The range leaves out numbers that the totals beside it have in theirs. */
function siblingRange(
  use: AggregateUse,
  gaps: readonly SheetArea[],
  grid: KeyGrid,
  index: FormulaIndex,
): ShortRange | null {
  const isNumber = (row: number, column: number) =>
    grid.at(row, column) >= numberKey && (index.row[use.formula] !== row || index.column[use.formula] !== column)
  for (const gap of gaps) {
    if (use.others.some((other) => touches(other, gap))) continue
    for (let row = gap.top; row <= gap.bottom; row++) {
      for (let column = gap.left; column <= gap.right; column++) {
        if (isNumber(row, column)) return { use, missed: gap, where: 'in the totals beside it' }
      }
    }
  }
  return null
}

/** The number after a range may be its total, typed in. */
function isTypedTotal(
  valueAt: (along: number) => { readonly value: unknown } | undefined,
  first: number,
  last: number,
): boolean {
  let sum = 0
  for (let at = first; at <= last; at++) {
    const value = valueAt(at)?.value
    if (typeof value === 'number') sum += value
  }
  const next = valueAt(last + 1)?.value
  return typeof next === 'number' && Math.abs(next - sum) <= Math.abs(sum) * 1e-6
}

function describe({ workbook, index }: AuditedWorkbook, group: readonly ShortRange[]): Finding[] {
  const cells = group.map((short) => ({
    row: index.row[short.use.formula] as number,
    column: index.column[short.use.formula] as number,
    short,
  }))
  return clusterCells(cells).map((range) => {
    const { short } = cells.find(
      (cell) => cell.row === range.top && cell.column === range.left,
    ) as (typeof cells)[number]
    const { use, missed, where } = short
    const sheet = workbook.sheets[index.sheet[use.formula] as number]?.name ?? ''
    const shown = (area: SheetArea) =>
      area.sheet === index.sheet[use.formula]
        ? formatRange(area)
        : formatAddress(workbook.sheets[area.sheet]?.name ?? '', area)
    const single = rangeSize(missed) === 1
    return finding({
      kind: 'short-range',
      severity: where === 'between its range and the total' ? 'high' : 'medium',
      sheet,
      range: formatRange(range),
      message: `${use.name} of ${shown(use.area)} in ${formatRange(range)} leaves out ${shown(missed)}, ${single ? 'a like cell' : 'like cells'} ${where}.`,
      evidence: {
        formula: shownFormula(workbook, index, use.formula),
        area: shown(use.area),
        missed: shown(missed),
      },
    })
  })
}

function startKey(area: SheetArea, down = area.left === area.right): string {
  const at = down ? area.top : area.left
  return `${area.sheet} ${down ? `c${area.left}` : `r${area.top}`} ${at}`
}

function touches(a: SheetArea, b: SheetArea): boolean {
  return a.sheet === b.sheet && a.top <= b.bottom && b.top <= a.bottom && a.left <= b.right && b.left <= a.right
}
