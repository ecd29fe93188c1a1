import type { UniqueFormula } from '../formulas/formula-index.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { walkExpression } from './expression-walk.ts'
import { type Finding, finding } from './finding.ts'
import { shownFormula } from './formula-place.ts'
import { gatheredRanges } from './gathered-ranges.ts'

const listedPerSheet = 30
const blankAware = new Set([
  'ISBLANK',
  'COUNTA',
  'COUNTBLANK',
  'LEN',
  'ISNUMBER',
  'ISTEXT',
  'IFERROR',
  'T',
  'N',
  'TRIM',
])

/**
 * Finds formulas that read empty cells. Few among many copies are worth a look each; formulas whose copies all read
 * empty cells are a form that waits to be filled, so they are one note a sheet.
 */
export function detectEmptyReferences({ workbook, index, graph }: AuditedWorkbook): Finding[] {
  const byUnique = new Map<number, Set<number>>()
  for (const { formula } of graph.emptyReferences) {
    const unique = index.unique[formula] as number
    const formulas = byUnique.get(unique)
    if (formulas === undefined) byUnique.set(unique, new Set([formula]))
    else formulas.add(formula)
  }
  const sheets = new Map<number, { few: [copies: number, formulas: number[]][]; many: number[] }>()
  for (const [id, formulas] of byUnique) {
    const unique = index.uniques[id]
    if (unique === undefined || expectsBlanks(unique)) continue
    for (const [sheet, own] of Map.groupBy(formulas, (formula) => index.sheet[formula] as number)) {
      const group = sheets.get(sheet) ?? { few: [], many: [] }
      sheets.set(sheet, group)
      const copies = unique.cells.filter((formula) => index.sheet[formula] === sheet).length
      if (copies >= 4 && own.length * 3 <= copies) group.few.push([copies, own.sort((a, b) => a - b)])
      else group.many.push(...own)
    }
  }
  const place = (formula: number) => ({ row: index.row[formula] as number, column: index.column[formula] as number })
  return [...sheets].flatMap(([position, { few, many }]) => {
    const sheet = workbook.sheets[position]?.name ?? ''
    const single = few.slice(0, listedPerSheet).map(([copies, formulas]) => {
      const gathered = gatheredRanges(formulas.map(place))
      return finding({
        kind: 'empty-reference',
        severity: 'low',
        sheet,
        range: gathered.ranges[0] ?? null,
        message: `${formulas.length === 1 ? 'A formula reads' : `${formulas.length} formulas read`} empty cells, unlike ${copies - formulas.length} copies of it.`,
        evidence: {
          cells: formulas.length,
          ...gathered,
          formula: shownFormula(workbook, index, formulas[0] as number),
        },
      })
    })
    const rest = [...many, ...few.slice(listedPerSheet).flatMap(([, formulas]) => formulas)].sort((a, b) => a - b)
    if (rest.length === 0) return single
    const gathered = gatheredRanges(rest.map(place))
    const note = finding({
      kind: 'empty-reference',
      severity: 'info',
      sheet,
      range: gathered.ranges[0] ?? null,
      message: `${rest.length === 1 ? 'A formula reads' : `${rest.length} formulas read`} cells that are empty now.`,
      evidence: {
        cells: rest.length,
        ...gathered,
        formula: shownFormula(workbook, index, rest[0] as number),
      },
    })
    return [...single, note]
  })
}

/** A formula that asks whether a cell is blank means to read blank cells. */
function expectsBlanks(unique: UniqueFormula): boolean {
  if (unique.functions.some((name) => blankAware.has(name))) return true
  for (const { node } of walkExpression(unique.expression))
    if (node.kind === 'literal' && node.value === '') return true
  return false
}
