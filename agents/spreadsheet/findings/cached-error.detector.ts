import { formatCell, formatRange, quoteSheet } from '../formulas/cell-reference.ts'
import { formulaAt } from '../formulas/formula-index.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells, rangeSize } from './cell-clusters.ts'
import { cellSet } from './cell-set.ts'
import { type Finding, finding, type Severity } from './finding.ts'
import { areasOf, shownFormula } from './formula-place.ts'

interface ErrorCell {
  readonly sheet: number
  readonly row: number
  readonly column: number
  readonly error: string
  /** The formula's number, or -1 for an error typed in. */
  readonly formula: number
  /** The erroneous cell this one reads, when it only passes an error on. */
  readonly from: string | null
}

/** Finds every cell that shows an error, on hidden sheets too, and tells the sources from those that inherit one. */
export function detectCachedErrors(audited: AuditedWorkbook): Finding[] {
  const groups = new Map<string, ErrorCell[]>()
  for (const cell of errorCells(audited)) {
    const unique = cell.formula < 0 ? 'typed' : audited.index.unique[cell.formula]
    const key = `${cell.sheet} ${cell.error} ${cell.from === null ? unique : 'inherits'}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [cell])
    else group.push(cell)
  }
  return [...groups.values()].flatMap((group) => groupFindings(audited, group))
}

function errorCells({ workbook, index, names }: AuditedWorkbook): ErrorCell[] {
  const errors = cellSet()
  const found: Omit<ErrorCell, 'from'>[] = []
  workbook.sheets.forEach((sheet, s) => {
    sheet.rows.forEach((cells, row) => {
      cells?.forEach((cell, column) => {
        if (cell?.type !== 'error') return
        errors.add(s, row, column)
        const formula = cell.formula === undefined ? -1 : formulaAt(index, s, row, column)
        found.push({ sheet: s, row, column, error: String(cell.value), formula })
      })
    })
  })
  return found.map((cell) => {
    if (cell.formula < 0) return { ...cell, from: null }
    for (const area of areasOf(index, names, cell.formula)) {
      const source = errors.firstIn(area)
      if (source === null || (area.sheet === cell.sheet && source.row === cell.row && source.column === cell.column))
        continue
      const sheet = area.sheet === cell.sheet ? '' : `${quoteSheet(workbook.sheets[area.sheet]?.name ?? '')}!`
      return { ...cell, from: sheet + formatCell(source.row, source.column) }
    }
    return { ...cell, from: null }
  })
}

function groupFindings({ workbook, index }: AuditedWorkbook, group: readonly ErrorCell[]): Finding[] {
  const byPlace = new Map(group.map((cell) => [`${cell.row} ${cell.column}`, cell]))
  return clusterCells(group).map((range) => {
    const first = byPlace.get(`${range.top} ${range.left}`) as ErrorCell
    const sheet = workbook.sheets[first.sheet]
    const place = formatRange(range)
    const cells = rangeSize(range)
    const shows = cells === 1 ? `${place} shows ${first.error}` : `${cells} cells in ${place} show ${first.error}`
    const formula = first.formula < 0 ? null : shownFormula(workbook, index, first.formula)
    const hidden = sheet?.state === 'visible' ? '' : ' The sheet is hidden.'
    return finding({
      kind: first.from === null ? 'cached-error' : 'inherited-error',
      severity: first.from === null ? sourceSeverity(first.error) : 'low',
      sheet: sheet?.name ?? '',
      range: place,
      message:
        first.from === null
          ? `${shows}.${cause(first.error, formula)}${hidden}`
          : `${shows}, passed on from ${first.from}.${hidden}`,
      evidence: { error: first.error, cells, formula, ...(first.from === null ? {} : { from: first.from }) },
    })
  })
}

/** `#N/A` is often put there on purpose, to say that a lookup found nothing. */
function sourceSeverity(error: string): Severity {
  return error === '#N/A' ? 'medium' : 'high'
}

function cause(error: string, formula: string | null): string {
  if (formula === null) return ' The error is typed in or pasted as a value.'
  if (formula.includes('#REF!')) return ' Its formula refers to cells that were deleted.'
  if (error === '#DIV/0!') return ' Its formula divides by zero or by an empty cell.'
  if (error === '#NAME?') return ' Its formula uses a name or function that does not exist here.'
  if (error === '#N/A') return ' A value was not found.'
  if (error === '#VALUE!') return ' Its formula calculates with something that is not a number.'
  return ''
}
