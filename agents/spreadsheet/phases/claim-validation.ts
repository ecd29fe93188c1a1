import { rangeSize } from '../findings/cell-clusters.ts'
import { shortText, shownNumber } from '../findings/formula-place.ts'
import { buildGraph } from '../formulas/cell-graph.ts'
import { formatRange, parseCell, parseRange } from '../formulas/cell-reference.ts'
import { indexFormulas } from '../formulas/formula-index.ts'
import type { ArchiveLimits } from '../reading/archive-limits.ts'
import { checkIntegrity } from '../reading/integrity.ts'
import { readWorkbook } from '../reading/workbook-reader.ts'
import { type FormulaEvaluator, formulaEvaluator } from '../recalculation/formula-evaluator.ts'
import type { Cell, CellRange, CellValue, Sheet } from '../workbook.ts'
import type { Claim, RejectedClaim } from './claims/claim.ts'
import { bareFormula } from './claims/claim-statement.ts'
import { type StatedNumber, statedNumbers, statesNumber, strayNumber, type TextGround } from './claims/claim-text.ts'
import { sheetGround } from './text-ground.ts'
import type { WorkbookModel } from './workbook-model.ts'

type TotalClaim = Claim & { readonly kind: 'total' }

/** The outcome of checking claims against the workbook. */
export interface ClaimValidation {
  readonly checked: number
  readonly accepted: readonly Claim[]
  readonly rejected: readonly RejectedClaim[]
}

/** What claims are checked against. */
export type ClaimGround = Pick<WorkbookModel, 'workbook' | 'index' | 'graph'>

/** Checks each claim against the cells; what the cells do not bear out is rejected with the reason. */
export async function validateClaims(ground: ClaimGround, claims: readonly Claim[]): Promise<ClaimValidation> {
  const evaluator = formulaEvaluator(ground.workbook, ground.index, ground.graph)
  const accepted: Claim[] = []
  const rejected: RejectedClaim[] = []
  const places = new Map(
    ground.workbook.sheets.map((sheet) => [sheet.name, { sheet, ...sheetGround(ground.workbook, sheet) }]),
  )
  for (const claim of claims) {
    const place = places.get(claim.sheet)
    const reason = place
      ? await problemOf(place, evaluator, claim)
      : `There is no sheet named "${shortText(claim.sheet, 60)}".`
    if (reason === null) accepted.push(claim)
    else rejected.push({ claim, reason })
  }
  return { checked: claims.length, accepted, rejected }
}

/** The same from the bytes of the file; when it cannot be opened, no claim holds. */
export async function validateClaimsIn(
  bytes: Uint8Array,
  claims: readonly Claim[],
  limits: Partial<ArchiveLimits> = {},
): Promise<ClaimValidation> {
  const { blocked, workbook } = readWorkbook(bytes, checkIntegrity(bytes, limits))
  if (blocked !== null) {
    const rejected = claims.map((claim) => ({ claim, reason: blocked.reason }))
    return { checked: claims.length, accepted: [], rejected }
  }
  const index = indexFormulas(workbook)
  return validateClaims({ workbook, index, graph: buildGraph(workbook, index) }, claims)
}

/** A sheet, and what sentences about it may name. */
type Place = TextGround & { readonly sheet: Sheet }

async function problemOf(place: Place, evaluator: FormulaEvaluator, claim: Claim): Promise<string | null> {
  if (claim.kind === 'total') return totalProblem(evaluator, place, claim)
  const cell = cellAt(place.sheet, claim.cell)
  if (cell === null) return `"${claim.cell}" is no cell.`
  return claim.kind === 'formula' ? formulaProblem(cell, claim, place) : valueProblem(cell, claim, place)
}

function valueProblem(cell: Cell | undefined, claim: Claim & { readonly kind: 'value' }, place: Place): string | null {
  const actual = cell?.value ?? null
  if (cell === undefined && claim.value !== null) return `${claim.cell} is empty.`
  if (!sameValue(claim.value, actual)) return `${claim.cell} holds ${shown(actual)}, not ${shown(claim.value)}.`
  return textProblem(claim.text, typeof actual === 'number' ? [actual] : [], { verbatim: actual, place })
}

function formulaProblem(
  cell: Cell | undefined,
  claim: Claim & { readonly kind: 'formula' },
  place: Place,
): string | null {
  if (cell?.formula === undefined) return `${claim.cell} holds no formula.`
  if (plainFormula(cell.formula) !== plainFormula(claim.formula)) {
    return `The formula in ${claim.cell} is =${shortText(cell.formula, 200)}, not =${shortText(bareFormula(claim.formula), 200)}.`
  }
  const actual = typeof cell.value === 'number' ? [cell.value] : []
  const inFormula = statedNumbers(cell.formula, { names: [], isText: () => false, isCell: () => true }).map(
    ({ value }) => value,
  )
  return textProblem(claim.text, [...actual, ...inFormula], { verbatim: `=${cell.formula}`, place })
}

async function totalProblem(evaluator: FormulaEvaluator, place: Place, claim: TotalClaim): Promise<string | null> {
  const { sheet } = place
  const range = parseRange(claim.range)
  if (range === null) return `"${claim.range}" is no range.`
  if (sheet.used === null || !overlaps(range, sheet.used)) return `${claim.range} is outside the cells of the sheet.`
  const total = await evaluator.evaluateFormula(`${claim.function}(${formatRange(range)})`, sheet.name)
  const what = `${claim.function} of ${claim.range}`
  if (total.kind === 'unsupported') return `${what} cannot be recomputed: ${total.reason}`
  if (total.kind === 'volatile') return `${what} changes with every calculation.`
  if (typeof total.value !== 'number') return `${what} is ${shown(total.value)}, not ${claim.value}.`
  if (!statesNumber(exactly(claim.value), total.value)) return `${what} is ${shown(total.value)}, not ${claim.value}.`
  return (
    totalCellProblem(sheet, claim) ??
    textProblem(claim.text, [total.value, rangeSize(range)], { verbatim: null, place })
  )
}

function totalCellProblem(sheet: Sheet, claim: TotalClaim): string | null {
  if (claim.cell === null) return null
  const cell = cellAt(sheet, claim.cell)
  if (cell === null) return `"${claim.cell}" is no cell.`
  const actual = cell?.value ?? null
  return sameValue(claim.value, actual) ? null : `${claim.cell} holds ${shown(actual)}, not ${claim.value}.`
}

/** A sentence may state no number that its own cells do not give. */
function textProblem(
  text: string,
  allowed: readonly number[],
  { verbatim, place }: { readonly verbatim: CellValue; readonly place: Place },
): string | null {
  const rest = typeof verbatim === 'string' && verbatim !== '' ? text.replaceAll(verbatim, ' ') : text
  const wrong = strayNumber(rest, allowed, place)
  return wrong === undefined ? null : `The text says ${wrong.written}, which its cells do not.`
}

function sameValue(said: CellValue, actual: CellValue): boolean {
  if (typeof said === 'number' && typeof actual === 'number') return statesNumber(exactly(said), actual)
  if (typeof said === 'string' && typeof actual === 'string') return plainText(said) === plainText(actual)
  return said === actual || (said === null && actual === '')
}

/** A number as a claim carries it: what it lacks in digits it may have been rounded by. */
function exactly(value: number): Pick<StatedNumber, 'value' | 'slack'> {
  const decimals = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0
  return { value, slack: decimals < 2 ? 0 : 0.5 / 10 ** decimals }
}

function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** A formula without its `=`, braces, blanks and letter case, which mean nothing outside quotes. */
function plainFormula(formula: string): string {
  const parts = bareFormula(formula)
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
  if (typeof value === 'number') return shownNumber(value)
  return value === null ? 'nothing' : typeof value === 'string' ? `"${shortText(value, 100)}"` : String(value)
}
