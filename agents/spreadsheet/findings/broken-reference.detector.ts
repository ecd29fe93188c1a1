import { formatRange } from '../formulas/cell-reference.ts'
import { formulaAt, formulaCell } from '../formulas/formula-index.ts'
import { isBuiltInName } from '../reading/built-in-name.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells, rangeSize } from './cell-clusters.ts'
import { walkExpression } from './expression-walk.ts'
import { type Finding, finding } from './finding.ts'
import { shortText, shownFormula } from './formula-place.ts'

/** Finds `#REF!` inside formulas that show no error, and defined names that lead nowhere. */
export function detectBrokenReferences(audited: AuditedWorkbook): Finding[] {
  return [...hiddenBreaks(audited), ...brokenNames(audited)]
}

/** The error is swallowed (IFERROR, a branch not taken) and comes back when the branch is taken. */
function hiddenBreaks({ workbook, index }: AuditedWorkbook): Finding[] {
  const findings: Finding[] = []
  for (const unique of index.uniques) {
    if (!breaks(unique.expression)) continue
    const quiet = [...unique.cells].filter((formula) => formulaCell(workbook, index, formula)?.type !== 'error')
    for (const [sheet, formulas] of Map.groupBy(quiet, (formula) => index.sheet[formula] as number)) {
      const cells = formulas.map((f) => ({ row: index.row[f] as number, column: index.column[f] as number }))
      for (const range of clusterCells(cells)) {
        findings.push(
          finding({
            kind: 'broken-reference',
            severity: 'medium',
            sheet: workbook.sheets[sheet]?.name ?? '',
            range: formatRange(range),
            message: `The formula in ${formatRange(range)} refers to deleted cells (#REF!) and shows no error now.`,
            evidence: {
              cells: rangeSize(range),
              formula: shownFormula(workbook, index, formulaAt(index, sheet, range.top, range.left)),
            },
          }),
        )
      }
    }
  }
  return findings
}

function breaks(expression: Parameters<typeof walkExpression>[0]): boolean {
  for (const { node } of walkExpression(expression)) if (node.kind === 'error' && node.code === '#REF!') return true
  return false
}

function brokenNames({ workbook, index }: AuditedWorkbook): Finding[] {
  const broken = workbook.names.filter(({ name, formula }) => formula.includes('#REF!') && !isBuiltInName(name))
  const used = broken.filter((name) => index.names.has(name.name.toLowerCase()))
  if (broken.length === 0) return []
  const list = broken.slice(0, 20).map((name) => shortText(name.name, 80))
  const more = broken.length > list.length ? ` and ${broken.length - list.length} more` : ''
  return [
    finding({
      kind: 'broken-reference',
      severity: used.length > 0 ? 'medium' : 'low',
      sheet: null,
      range: null,
      message: `${broken.length} defined ${broken.length === 1 ? 'name leads' : 'names lead'} to deleted cells: ${list.join(', ')}${more}. ${used.length === 0 ? 'No formula uses them.' : `Formulas use ${used.length} of them.`}`,
      evidence: { names: list, broken: broken.length, used: used.length },
    }),
  ]
}
