import { formatCell, formatRange, parseCell } from '../formulas/cell-reference.ts'
import type { RecalculationMismatch } from '../recalculation/recalculate.ts'
import type { CellValue } from '../workbook.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells, rangeSize } from './cell-clusters.ts'
import { type Finding, finding } from './finding.ts'
import { shortText, shownNumber } from './formula-place.ts'

/** Finds cells that show another value than their formula gives from the values around it. */
export function detectRecalculationMismatches({ workbook, recalculation }: AuditedWorkbook): Finding[] {
  const bySheet = Map.groupBy(recalculation.mismatches, (mismatch) => mismatch.sheet)
  const stale = workbook.calculation.mode === 'manual' ? ' Calculation is set to manual.' : ''
  return [...bySheet].flatMap(([sheet, mismatches]) => {
    const byCell = new Map(mismatches.map((mismatch) => [mismatch.cell, mismatch]))
    const cells = mismatches.flatMap(({ cell }) => parseCell(cell) ?? [])
    return clusterCells(cells).map((range) => {
      const first = byCell.get(formatCell(range.top, range.left)) as RecalculationMismatch
      const count = rangeSize(range)
      const place = formatRange(range)
      const lead = count === 1 ? '' : `${count} cells in ${place} show other values than their formulas give: `
      return finding({
        kind: 'recalculation-mismatch',
        severity: 'high',
        sheet,
        range: place,
        message: `${lead}${first.cell} shows ${shown(first.cached)}, but its formula gives ${shown(first.computed)}.${stale}`,
        evidence: {
          cells: count,
          formula: shortText(`=${first.formula}`, 240),
          cached: bounded(first.cached),
          computed: bounded(first.computed),
        },
      })
    })
  })
}

function shown(value: CellValue): string {
  if (typeof value === 'number') return shownNumber(value)
  return typeof value === 'string' ? `"${shortText(value, 60)}"` : String(value)
}

function bounded(value: CellValue): CellValue {
  return typeof value === 'string' ? shortText(value, 200) : value
}
