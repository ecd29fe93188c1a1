import type { FormulaExpression } from '../formulas/formula-expression.ts'
import type { UniqueFormula } from '../formulas/formula-index.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { type Finding, finding } from './finding.ts'
import { shownFormula } from './formula-place.ts'
import { gatheredRanges } from './gathered-ranges.ts'

const listedPerSheet = 10
const leastCells = 3
const arithmetic = new Set(['+', '-', '*', '/'])

/** Numbers of counting, time and scale that need no cell of their own. */
const harmless = new Set([0, 1, 2, 4, 7, 12, 24, 30, 52, 60, 90, 360, 364, 365, 366, 1440, 3600, 86_400])

/** Finds numbers written into formulas: one finding for each number often used on a sheet, one for all the others. */
export function detectHardCodedConstants(audited: AuditedWorkbook): Finding[] {
  return [...constantUses(audited)].flatMap(([sheet, numbers]) => {
    const uses = [...numbers].map(([number, formulas]): ConstantUse => ({ number, formulas }))
    uses.sort((a, b) => b.formulas.length - a.formulas.length || a.number - b.number)
    const often = uses.filter((use) => use.formulas.length >= leastCells).slice(0, listedPerSheet)
    const rest = uses.slice(often.length)
    const single = rest.length === 1 ? uses : often
    const findings = single.map((use) => describe(audited, sheet, [use]))
    return rest.length > 1 ? [...findings, describe(audited, sheet, rest)] : findings
  })
}

interface ConstantUse {
  readonly number: number
  readonly formulas: readonly number[]
}

/** The formulas that hold each number, by sheet. */
function constantUses({ index }: AuditedWorkbook): Map<number, Map<number, number[]>> {
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
  return sheets
}

function describe({ workbook, index }: AuditedWorkbook, sheet: number, uses: readonly ConstantUse[]): Finding {
  const formulas = [...new Set(uses.flatMap((use) => use.formulas))].sort((a, b) => a - b)
  const gathered = gatheredRanges(
    formulas.map((formula) => ({ row: index.row[formula] as number, column: index.column[formula] as number })),
  )
  const [first] = uses as readonly [ConstantUse]
  const many = formulas.length === 1 ? 'a formula' : `${formulas.length} formulas`
  const shown = uses.slice(0, 8).map((use) => use.number)
  const message =
    uses.length === 1
      ? `The number ${first.number} is written into ${many}; a cell of its own would show it and let it change.`
      : `${uses.length} numbers are written into ${many}: ${shown.join(', ')}${uses.length > shown.length ? ` and ${uses.length - shown.length} more` : ''}.`
  return finding({
    kind: 'hard-coded-constant',
    severity: 'low',
    sheet: workbook.sheets[sheet]?.name ?? '',
    range: gathered.ranges[0] ?? null,
    message,
    evidence: {
      ...(uses.length === 1 ? { number: first.number } : { numbers: uses.slice(0, 30).map((use) => use.number) }),
      cells: formulas.length,
      ...gathered,
      formula: shownFormula(workbook, index, formulas[0] as number),
    },
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
