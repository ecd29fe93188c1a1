import { quoteSheet } from '../formulas/cell-reference.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { type Finding, finding } from './finding.ts'
import { cellOf, sheetOf, shownFormula } from './formula-place.ts'

const shown = 12

/** Finds formulas that depend on themselves, directly or round a circle. */
export function detectCircularReferences({ workbook, index, graph }: AuditedWorkbook): Finding[] {
  const { iterative } = workbook.calculation
  return graph.circular.map((circle) => {
    const first = circle[0] as number
    const sheet = sheetOf(workbook, index, first)
    const places = circle.slice(0, shown).map((formula) => {
      const own = sheetOf(workbook, index, formula)
      return own === sheet ? cellOf(index, formula) : `${quoteSheet(own)}!${cellOf(index, formula)}`
    })
    const more = circle.length > shown ? ` and ${circle.length - shown} more` : ''
    const what =
      circle.length === 1
        ? `${cellOf(index, first)} refers to itself.`
        : `${circle.length} cells refer to each other in a circle: ${places.join(', ')}${more}.`
    const whose = circle.length === 1 ? 'Its value' : 'Their values'
    return finding({
      kind: 'circular-reference',
      severity: iterative ? 'medium' : 'high',
      sheet,
      range: cellOf(index, first),
      message: `${what} ${iterative ? 'Iterative calculation is on, so the result depends on its settings.' : `${whose} cannot be relied on.`}`,
      evidence: { cells: circle.length, path: places, formula: shownFormula(workbook, index, first), iterative },
    })
  })
}
