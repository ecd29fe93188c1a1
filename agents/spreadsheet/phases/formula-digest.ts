import { numericText } from '../content/numeric-text.ts'
import { clusterCells, rangeSize } from '../findings/cell-clusters.ts'
import { bracedFormula, cellOf, shortText, shownFormula } from '../findings/formula-place.ts'
import { formatRange } from '../formulas/cell-reference.ts'
import { formulaCell } from '../formulas/formula-index.ts'
import { totalFunctions } from './claims/claim.ts'
import type { WorkbookModel } from './workbook-model.ts'

/** One distinct formula of a sheet and where its copies are. */
export interface DigestFormula {
  readonly cell: string
  readonly formula: string
  /** False when the formula is too long to be shown whole. */
  readonly complete: boolean
  readonly copies: number
  readonly ranges: readonly string[]
}

/** A cell that adds up a range of its own sheet. */
export interface DigestTotal {
  readonly cell: string
  readonly function: (typeof totalFunctions)[number]
  readonly range: string
  readonly value: number
  readonly label: string
}

/** A list with the number of entries its limit left out. */
export interface Limited<Entry> {
  readonly list: readonly Entry[]
  readonly omitted: number
}

/** The distinct formulas of a sheet, those with the most copies first. */
export function formulaDigest(
  { workbook, index }: WorkbookModel,
  sheet: number,
  limit: number,
): Limited<DigestFormula> {
  const copies = new Map<number, number[]>()
  for (const formula of formulasOf({ index }, sheet)) {
    const id = index.unique[formula] as number
    const known = copies.get(id)
    if (known === undefined) copies.set(id, [formula])
    else known.push(formula)
  }
  const byCount = [...copies.values()].sort((a, b) => b.length - a.length || (a[0] ?? 0) - (b[0] ?? 0))
  const list = byCount.slice(0, limit).map((formulas): DigestFormula => {
    const first = formulas[0] as number
    const ranges = clusterCells(
      formulas.map((formula) => ({ row: index.row[formula] as number, column: index.column[formula] as number })),
    )
    const formula = shownFormula(workbook, index, first)
    const { formula: text = '', array } = formulaCell(workbook, index, first) ?? {}
    return {
      cell: cellOf(index, first),
      formula,
      complete: formula === bracedFormula(`=${text}`, array),
      copies: formulas.length,
      ranges: ranges.slice(0, 6).map(formatRange),
    }
  })
  return { list, omitted: byCount.length - list.length }
}

/** The cells of a sheet that are nothing but a total of a range on it. */
export function totalDigest(model: WorkbookModel, sheet: number, limit: number): Limited<DigestTotal> {
  const { workbook, index, names } = model
  const list: DigestTotal[] = []
  let omitted = 0
  for (const formula of formulasOf(model, sheet)) {
    const { expression } = index.uniques[index.unique[formula] as number] ?? {}
    if (expression?.kind !== 'call' || expression.arguments.length !== 1) continue
    const name = totalFunctions.find((each) => each === expression.name)
    const [argument] = expression.arguments
    if (name === undefined || argument?.kind !== 'reference' || argument.reference.kind !== 'area') continue
    const { reference } = argument
    if (reference.sheet !== null || reference.workbook !== null) continue
    const place = { sheet, row: index.baseRow[formula] as number, column: index.baseColumn[formula] as number }
    const area = names.areas(reference, place)?.[0]
    const value = formulaCell(workbook, index, formula)?.value
    if (area === undefined || rangeSize(area) === 1 || typeof value !== 'number') continue
    if (list.length >= limit) omitted++
    else
      list.push({
        cell: cellOf(index, formula),
        function: name,
        range: formatRange(area),
        value,
        label: labelOf(model, formula),
      })
  }
  return { list, omitted }
}

/** The text that a reader takes as the label of a cell: the nearest to its left. */
function labelOf({ workbook, index }: WorkbookModel, formula: number): string {
  const row = workbook.sheets[index.sheet[formula] as number]?.rows[index.row[formula] as number]
  for (let column = (index.column[formula] as number) - 1; column >= 0; column--) {
    const cell = row?.[column]
    const text = cell?.type === 'text' ? String(cell.value).trim() : ''
    if (text !== '' && numericText(text) === null) return shortText(text, 60)
  }
  return ''
}

function* formulasOf({ index }: Pick<WorkbookModel, 'index'>, sheet: number): Generator<number> {
  const end = index.sheetStart[sheet + 1] ?? index.count
  for (let formula = index.sheetStart[sheet] ?? end; formula < end; formula++) yield formula
}
