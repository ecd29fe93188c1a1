import { formatAddress, formatRange } from '../formulas/cell-reference.ts'
import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import type { Sheet } from '../workbook.ts'
import { type AggregateUse, aggregateUses } from './aggregate-use.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells, rangeSize } from './cell-clusters.ts'
import { type Finding, finding } from './finding.ts'
import { shownFormula } from './formula-place.ts'
import { type KeyGrid, keyGrid, numberKey } from './key-grid.ts'
import { type LikeRuns, likeRuns } from './like-run.ts'
import { siblingGaps } from './sibling-total.ts'

interface ShortRange {
  readonly use: AggregateUse
  /** The like cells the range leaves out. */
  readonly missed: SheetArea
  /** How one sees that the cells belong to it. */
  readonly where: 'between its range and the total' | 'right behind its range' | 'in the totals beside it'
}

/** Longer ranges are not added up or searched cell by cell. */
const longestTyped = 2_000

/** Finds totals and averages whose range ends before the block of like cells does. */
export function detectShortRanges(audited: AuditedWorkbook): Finding[] {
  const { workbook, index } = audited
  const uses = aggregateUses(audited)
  const starts = new Set(uses.map(({ area }) => startKey(area)))
  const blocks = new Map<number, SheetBlocks>()
  const blocksOf = (position: number): SheetBlocks => {
    const known = blocks.get(position)
    if (known !== undefined) return known
    const sheet = workbook.sheets[position] as Sheet
    const grid = keyGrid(sheet, position, index)
    const made = { sheet, grid, runs: likeRuns(grid, sheet) }
    blocks.set(position, made)
    return made
  }
  const gaps = siblingGaps(uses, index)
  const found = uses.flatMap((use): ShortRange[] => {
    const block = blocksOf(use.area.sheet)
    const short = shortRange(index, use, block, starts) ?? siblingRange(use, gaps.get(use) ?? [], block.grid, index)
    return short === null ? [] : [short]
  })
  const groups = Map.groupBy(found, ({ use }) => `${index.sheet[use.formula]} ${index.unique[use.formula]} ${use.at}`)
  return [...groups.values()].flatMap((group) => describe(audited, group))
}

/** A sheet with what stands in its cells and how far like cells go on. */
interface SheetBlocks {
  readonly sheet: Sheet
  readonly grid: KeyGrid
  readonly runs: LikeRuns
}

function shortRange(
  index: FormulaIndex,
  use: AggregateUse,
  { sheet, grid, runs }: SheetBlocks,
  starts: ReadonlySet<string>,
): ShortRange | null {
  const { area, formula } = use
  const down = area.left === area.right
  const [first, last, line] = down ? [area.top, area.bottom, area.left] : [area.left, area.right, area.top]
  const keyAt = (along: number) => (down ? grid.at(along, line) : grid.at(line, along))
  const like = keyAt(last)
  if (like < numberKey) return null
  const total = totalPosition(index, formula, area, down)
  const run = runs.endOf(down, line, last)
  const end = total > last && total <= run ? total - 1 : run
  const missing = end - last
  const length = last - first + 1
  if (missing === 0 || missing > Math.ceil(length / 2)) return null
  const missed: SheetArea = down ? { ...area, top: last + 1, bottom: end } : { ...area, left: last + 1, right: end }
  if (starts.has(startKey(missed, down)) || use.others.some((other) => touches(other, missed))) return null
  if (like >= 0 && keyAt(first) !== like) return null
  if (like === numberKey && length <= longestTyped && isTypedTotal(sheet, down, line, first, last)) return null
  if (total === end + 1) return { use, missed, where: 'between its range and the total' }
  return missing * 5 <= length ? { use, missed, where: 'right behind its range' } : null
}

/** Where along the line of its range a formula stands; -1 when it stands elsewhere. */
function totalPosition(index: FormulaIndex, formula: number, area: SheetArea, down: boolean): number {
  if (index.sheet[formula] !== area.sheet) return -1
  const [row, column] = [index.row[formula] as number, index.column[formula] as number]
  if (down) return column === area.left ? row : -1
  return row === area.top ? column : -1
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
    if (rangeSize(gap) > longestTyped || use.others.some((other) => touches(other, gap))) continue
    for (let row = gap.top; row <= gap.bottom; row++) {
      for (let column = gap.left; column <= gap.right; column++) {
        if (isNumber(row, column)) return { use, missed: gap, where: 'in the totals beside it' }
      }
    }
  }
  return null
}

/** The number after a range may be its total, typed in. */
function isTypedTotal({ rows }: Sheet, down: boolean, line: number, first: number, last: number): boolean {
  const valueAt = (along: number) => (down ? rows[along]?.[line] : rows[line]?.[along])?.value
  let sum = 0
  for (let at = first; at <= last; at++) {
    const value = valueAt(at)
    if (typeof value === 'number') sum += value
  }
  const next = valueAt(last + 1)
  return typeof next === 'number' && Math.abs(next - sum) <= Math.abs(sum) * 1e-6
}

function describe({ workbook, index }: AuditedWorkbook, group: readonly ShortRange[]): Finding[] {
  const cells = group.map((short) => ({
    row: index.row[short.use.formula] as number,
    column: index.column[short.use.formula] as number,
    short,
  }))
  const byPlace = new Map(cells.map(({ row, column, short }) => [`${row} ${column}`, short]))
  return clusterCells(cells).map((range) => {
    const { use, missed, where } = byPlace.get(`${range.top} ${range.left}`) as ShortRange
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
