import { formatRange } from '../formulas/cell-reference.ts'
import type { FormulaExpression } from '../formulas/formula-expression.ts'
import type { UniqueFormula } from '../formulas/formula-index.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { clusterCells } from './cell-clusters.ts'
import { type Finding, finding } from './finding.ts'
import { shownFormula } from './formula-place.ts'

const listedPerSheet = 25
const arithmetic = new Set(['+', '-', '*', '/'])

/** Numbers of counting, time and scale that need no cell of their own. */
const harmless = new Set([0, 1, 2, 4, 7, 12, 24, 30, 52, 60, 90, 360, 364, 365, 366, 1440, 3600, 86_400])

/** Finds numbers written into formulas, one finding for each number on a sheet. */
export function detectHardCodedConstants({ workbook, index }: AuditedWorkbook): Finding[] {
  const sheets = new Map<number, Map<number, number[]>>()
  for (const unique of index.uniques) {
    const literals = embeddedNumbers(unique)
    if (literals.size === 0) continue
    for (const formula of unique.cells) {
      const sheet = index.sheet[formula] as number
      const numbers = sheets.get(sheet) ?? new Map<number, number[]>()
      sheets.set(sheet, numbers)
      for (const literal of literals) {
        const formulas = numbers.get(literal)
        if (formulas === undefined) numbers.set(literal, [formula])
        else formulas.push(formula)
      }
    }
  }
  return [...sheets].flatMap(([sheet, numbers]) => {
    const byUse = [...numbers].sort((a, b) => b[1].length - a[1].length || a[0] - b[0])
    const omitted = byUse.length - listedPerSheet
    return byUse.slice(0, listedPerSheet).map(([literal, formulas], at) => {
      const ranges = clusterCells(
        formulas.map((formula) => ({ row: index.row[formula] as number, column: index.column[formula] as number })),
      )
      const last = at === listedPerSheet - 1 && omitted > 0
      const count = formulas.length
      return finding({
        kind: 'hard-coded-constant',
        severity: 'low',
        sheet: workbook.sheets[sheet]?.name ?? '',
        range: formatRange(ranges[0] as (typeof ranges)[number]),
        message: `The number ${literal} is written into ${count === 1 ? 'a formula' : `${count} formulas`}; a cell of its own would show it and let it change.${last ? ` ${omitted} more numbers on this sheet are not listed.` : ''}`,
        evidence: {
          number: literal,
          cells: count,
          ranges: ranges.slice(0, 10).map(formatRange),
          formula: shownFormula(workbook, index, formulas[0] as number),
        },
      })
    })
  })
}

/** The numbers a formula adds, subtracts, multiplies or divides by; exponents, arguments and comparisons are not meant. */
function embeddedNumbers({ expression }: UniqueFormula): Set<number> {
  const found = new Set<number>()
  const pending: { node: FormulaExpression; counts: boolean; scale: number }[] = [
    { node: expression, counts: false, scale: 1 },
  ]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, counts, scale } = next
    if (node.kind === 'literal') {
      if (!counts || typeof node.value !== 'number') continue
      const value = Number((node.value * scale).toPrecision(15))
      if (!isHarmless(value)) found.add(value)
    } else if (node.kind === 'unary') {
      pending.push({ node: node.operand, counts, scale: node.operator === '%' ? scale / 100 : scale })
    } else if (node.kind === 'binary') {
      const inside = arithmetic.has(node.operator)
      pending.push({ node: node.left, counts: inside || (counts && node.operator === '^'), scale: 1 })
      pending.push({ node: node.right, counts: inside, scale: 1 })
    } else if (node.kind === 'call') {
      for (const argument of node.arguments) pending.push({ node: argument, counts: false, scale: 1 })
    } else if (node.kind === 'let') {
      for (const { value } of node.bindings) pending.push({ node: value, counts: false, scale: 1 })
      pending.push({ node: node.body, counts: false, scale: 1 })
    }
  }
  return found
}

function isHarmless(value: number): boolean {
  return harmless.has(value) || (value >= 1 && Number.isInteger(Math.log10(value))) || value === 0.5
}
