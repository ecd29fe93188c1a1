import { translateFormulaToA1 } from '@borgar/fx/xlsx'
import { formatAddress, formatCell, formatRange } from '../formulas/cell-reference.ts'
import { formulaAt, formulaCell } from '../formulas/formula-index.ts'
import type { CellRange } from '../workbook.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { type DollarDifference, dollarDifference } from './dollar-difference.ts'
import { type Finding, finding } from './finding.ts'
import { bracedFormula, shortText, shownFormula } from './formula-place.ts'
import { gatheredRanges } from './gathered-ranges.ts'
import { keyGrid, numberKey } from './key-grid.ts'
import { type RunBreak, runBreaks } from './run-break.ts'

/** Finds formulas and constants that break a run of like formulas; what touches and differs alike is one finding. */
export function detectFormulaRuns(audited: AuditedWorkbook): Finding[] {
  const { workbook, index } = audited
  return workbook.sheets.flatMap((sheet, position) => {
    if (index.sheetStart[position] === index.sheetStart[position + 1]) return []
    const breaks = runBreaks({ sheet, position, grid: keyGrid(sheet, position, index), index })
    return regions(breaks).map((region) => describe(audited, position, region))
  })
}

/** Joins the breaks that touch: the same cell found in both directions, and neighbours of one kind. */
function regions(breaks: readonly RunBreak[]): RunBreak[][] {
  const strongest = new Map<string, RunBreak>()
  for (const one of breaks) {
    const known = strongest.get(placeOf(one))
    if (known === undefined || one.support > known.support) strongest.set(placeOf(one), one)
  }
  const found: RunBreak[][] = []
  for (const start of strongest.values()) {
    if (!strongest.delete(placeOf(start))) continue
    const region = [start]
    for (const one of region) {
      for (const [down, right] of [
        [0, 1],
        [1, 0],
        [0, -1],
        [-1, 0],
      ] as const) {
        const place = `${one.row + down} ${one.column + right}`
        const next = strongest.get(place)
        if (next === undefined || next.key < 0 !== one.key < 0) continue
        strongest.delete(place)
        region.push(next)
      }
    }
    found.push(region)
  }
  return found
}

function describe(audited: AuditedWorkbook, position: number, region: readonly RunBreak[]): Finding {
  const { workbook, index } = audited
  const sheet = workbook.sheets[position]
  const first = region.reduce((a, b) => ((b.row - a.row || b.column - a.column) < 0 ? b : a))
  const place = formatRange(extent(region))
  const constant = first.key === numberKey
  const expected = expectedFormula(audited, first)
  const cell = formatCell(first.row, first.column)
  const line = sideText[first.direction][first.side]
  const own = constant
    ? `the constant ${String(sheet?.rows[first.row]?.[first.column]?.value)}`
    : shownFormula(workbook, index, formulaAt(index, position, first.row, first.column))
  const [formula, like] = [index.uniques[first.key], index.uniques[first.expected]]
  const dollars = formula && like ? dollarDifference(formula, like, first.row, first.column) : null
  const where = region.length === 1 ? `${cell} holds` : `${region.length} cells in ${place} differ: ${cell} holds`
  return finding({
    kind: constant ? 'constant-in-run' : 'formula-break',
    severity: dollars?.sameCells !== true && (constant || first.support >= 5) ? 'high' : 'medium',
    sheet: sheet?.name ?? '',
    range: place,
    message: `${where} ${own} where the ${first.support} like formulas ${line} suggest ${expected}${dollars === null ? '' : `: ${dollarText(dollars)}`}.`,
    evidence: {
      cells: region.length,
      ...gatheredRanges(region),
      cell,
      found: constant ? (sheet?.rows[first.row]?.[first.column]?.value ?? null) : own,
      expected,
      support: first.support,
      direction: first.direction,
    },
  })
}

const sideText = {
  down: { both: 'above and below', before: 'above', behind: 'below' },
  across: { both: 'to the left and right', before: 'to the left', behind: 'to the right' },
} as const

function dollarText({ range, sheet, how, sameCells }: DollarDifference): string {
  const cells = sheet === null ? formatRange(range) : formatAddress(sheet, range)
  const differs = {
    fixed: 'is fixed with $ where the others move',
    moving: 'moves where the others are fixed with $',
    otherwise: 'is fixed with $ in another way than in the others',
  }
  return `the reference to ${cells} ${differs[how]}${sameCells ? ', so copies of it go wrong' : ''}`
}

/** The formula of the neighbours as it would read in this cell. */
function expectedFormula({ workbook, index }: AuditedWorkbook, { row, column, expected }: RunBreak): string {
  const { r1c1 = '', cells } = index.uniques[expected] ?? {}
  const text = shortText(`=${translateFormulaToA1(r1c1, formatCell(row, column))}`, 240)
  return bracedFormula(text, formulaCell(workbook, index, cells?.[0] ?? 0)?.array)
}

function extent(region: readonly RunBreak[]): CellRange {
  let { row: top, column: left } = region[0] as RunBreak
  let [bottom, right] = [top, left]
  for (const { row, column } of region) {
    top = Math.min(top, row)
    left = Math.min(left, column)
    bottom = Math.max(bottom, row)
    right = Math.max(right, column)
  }
  return { top, left, bottom, right }
}

function placeOf(one: RunBreak): string {
  return `${one.row} ${one.column}`
}
