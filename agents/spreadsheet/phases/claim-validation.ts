import { rangeSize } from '../findings/cell-clusters.ts'
import { shortText } from '../findings/formula-place.ts'
import { parseCell, parseRange } from '../formulas/cell-reference.ts'
import type { Cell, CellRange, CellValue, Sheet, Workbook } from '../workbook.ts'
import { type StatedNumber, statedNumbers, statesNumber } from './claim-text.ts'
import type { Claim, RejectedClaim } from './claim.ts'
import { rangeTotal } from './range-total.ts'

/** The outcome of checking claims against the workbook. */
export interface ClaimValidation {
  readonly checked: number
  readonly accepted: readonly Claim[]
  readonly rejected: readonly RejectedClaim[]
}

/** Checks each claim against the cells; what the cells do not bear out is rejected with the reason. */
export function validateClaims(workbook: Workbook, claims: readonly Claim[]): ClaimValidation {
  const accepted: Claim[] = []
  const rejected: RejectedClaim[] = []
  for (const claim of claims) {
    const reason = problemOf(workbook, claim)
    if (reason === null) accepted.push(claim)
    else rejected.push({ claim, reason })
  }
  return { checked: claims.length, accepted, rejected }
}

function problemOf(workbook: Workbook, claim: Claim): string | null {
  const sheet = workbook.sheets.find((each) => each.name === claim.sheet)
  if (sheet === undefined) return `There is no sheet named "${shortText(claim.sheet, 60)}".`
  if (claim.kind === 'total') return totalProblem(sheet, claim)
  const cell = cellAt(sheet, claim.cell)
  if (cell === null) return `"${claim.cell}" is no cell.`
  if (claim.kind === 'formula') return formulaProblem(cell, claim)
  return valueProblem(cell, claim)
}

function valueProblem(cell: Cell | undefined, claim: Claim & { readonly kind: 'value' }): string | null {
  const actual = cell?.value ?? null
  if (cell === undefined && claim.value !== null) return `${claim.cell} is empty.`
  if (!sameValue(claim.value, actual)) return `${claim.cell} holds ${shown(actual)}, not ${shown(claim.value)}.`
  return textProblem(claim.text, typeof actual === 'number' ? [actual] : [], [actual])
}

function formulaProblem(cell: Cell | undefined, claim: Claim & { readonly kind: 'formula' }): string | null {
  if (cell?.formula === undefined) return `${claim.cell} holds no formula.`
  if (plainFormula(cell.formula) !== plainFormula(claim.formula)) {
    return `The formula in ${claim.cell} is =${shortText(cell.formula, 200)}, not =${shortText(claim.formula.replace(/^=/, ''), 200)}.`
  }
  const actual = typeof cell.value === 'number' ? [cell.value] : []
  return textProblem(
    claim.text,
    [...actual, ...statedNumbers(cell.formula).map((number) => number.value)],
    [`=${cell.formula}`],
  )
}

function totalProblem(sheet: Sheet, claim: Claim & { readonly kind: 'total' }): string | null {
  const range = parseRange(claim.range)
  if (range === null) return `"${claim.range}" is no range.`
  if (sheet.used === null || !overlaps(range, sheet.used)) return `${claim.range} is outside the cells of the sheet.`
  const total = rangeTotal(sheet, range, claim.function)
  if (total.value === null) return `${claim.function} of ${claim.range} cannot be recomputed: ${total.reason}`
  if (!statesNumber(exactly(claim.value), total.value)) {
    return `${claim.function} of ${claim.range} is ${total.value}, not ${claim.value}.`
  }
  if (claim.cell !== null) {
    const cell = cellAt(sheet, claim.cell)
    if (cell === null) return `"${claim.cell}" is no cell.`
    if (!sameValue(claim.value, cell?.value ?? null))
      return `${claim.cell} holds ${shown(cell?.value ?? null)}, not ${claim.value}.`
  }
  return textProblem(claim.text, [total.value, rangeSize(range)], [])
}

/** A sentence may state no number that its own cells do not give. */
function textProblem(text: string, allowed: readonly number[], verbatim: readonly CellValue[]): string | null {
  const quotedAway = verbatim.reduce<string>(
    (rest, value) => (typeof value === 'string' && value !== '' ? rest.replaceAll(value, ' ') : rest),
    text,
  )
  const wrong = statedNumbers(quotedAway).find((number) => !allowed.some((actual) => isStated(number, actual)))
  return wrong === undefined ? null : `The text says ${wrong.value}, which its cells do not.`
}

/** Words carry the direction (`a loss of 5`), so the sign is free. */
function isStated(number: StatedNumber, actual: number): boolean {
  return statesNumber(number, actual) || statesNumber({ ...number, value: -number.value }, actual)
}

function sameValue(said: CellValue, actual: CellValue): boolean {
  if (typeof said === 'number' && typeof actual === 'number') return statesNumber(exactly(said), actual)
  if (typeof said === 'string' && typeof actual === 'string') return plainText(said) === plainText(actual)
  return said === actual || (said === null && actual === '')
}

/** A number as a claim carries it: what it lacks in digits it may have been rounded by. */
function exactly(value: number): StatedNumber {
  const decimals = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0
  return { value, slack: decimals < 2 ? 0 : 0.5 / 10 ** decimals }
}

function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** A formula without its `=`, blanks and letter case, which mean nothing outside quotes. */
function plainFormula(formula: string): string {
  const parts = formula
    .replace(/^\s*=/, '')
    .replace(/_xlfn\.|_xlws\./gi, '')
    .split(/("(?:[^"]|"")*")/)
  return parts.map((part, at) => (at % 2 === 1 ? part : part.replace(/\s+/g, '').toUpperCase())).join('')
}

/** The cell, undefined when it is empty, null when the text names none. */
function cellAt(sheet: Sheet, text: string): Cell | undefined | null {
  const position = parseCell(text)
  return position === null ? null : sheet.rows[position.row]?.[position.column]
}

function overlaps(a: CellRange, b: CellRange): boolean {
  return a.top <= b.bottom && b.top <= a.bottom && a.left <= b.right && b.left <= a.right
}

function shown(value: CellValue): string {
  return value === null ? 'nothing' : typeof value === 'string' ? `"${shortText(value, 100)}"` : String(value)
}
