import { numericText } from '../content/numeric-text.ts'
import { formatCell, formatRange } from '../formulas/cell-reference.ts'
import type { Sheet } from '../workbook.ts'
import { aggregateUses } from './aggregate-use.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { type Finding, finding } from './finding.ts'
import { cellOf, shortText } from './formula-place.ts'

/** An unbroken stretch of one column that holds numbers and texts that read as numbers. */
interface NumericStretch {
  readonly sheet: number
  readonly column: number
  readonly top: number
  bottom: number
  numbers: number
  readonly texts: number[]
  readonly header: string
}

const identifier =
  /(?:^|[\s_\-#./])(?:ids?|codes?|keys?|sku|no|nr|number|zip|postcode|plz|phone|fax|tel|account|acct|ref|reference|version|year|date|room|part|serial)\.?(?:$|[\s_\-#./])/i

/** Finds numbers that are stored as text among real numbers, or under a function that will ignore them. */
export function detectTextNumbers(audited: AuditedWorkbook): Finding[] {
  const stretches = audited.workbook.sheets.flatMap((sheet, position) => textStretches(sheet, position))
  if (stretches.length === 0) return []
  const readers = ignoringFormulas(audited, stretches)
  return stretches.flatMap((stretch) => {
    const reader = readers.get(stretch)
    const outnumbered = stretch.numbers >= 2 && stretch.texts.length <= stretch.numbers
    if (reader === undefined && (!outnumbered || identifier.test(` ${stretch.header} `))) return []
    return [describe(audited, stretch, reader)]
  })
}

/** Walks a sheet once, row by row, and keeps one open stretch a column. */
function textStretches(sheet: Sheet, position: number): NumericStretch[] {
  const found: NumericStretch[] = []
  const open = new Map<number, NumericStretch>()
  const headers = new Map<number, string>()
  sheet.rows.forEach((cells, row) => {
    cells?.forEach((cell, column) => {
      if (cell === undefined) return
      const number = cell.type === 'number'
      const text = cell.type === 'text' && cell.formula === undefined && numericText(String(cell.value)) !== null
      const known = open.get(column)
      const goesOn = known?.bottom === row - 1
      if (!number && !text) {
        open.delete(column)
        if (cell.type === 'text') headers.set(column, String(cell.value))
        return
      }
      const stretch = goesOn
        ? known
        : { sheet: position, column, top: row, bottom: row, numbers: 0, texts: [], header: headers.get(column) ?? '' }
      if (!goesOn) open.set(column, stretch)
      stretch.bottom = row
      if (number) stretch.numbers++
      else if (stretch.texts.push(row) === 1) found.push(stretch)
    })
  })
  return found.flatMap((stretch) => withoutHeader(stretch))
}

/** A text on top of numbers is their header (`2003`), not one of them. */
function withoutHeader(stretch: NumericStretch): NumericStretch[] {
  if (stretch.texts[0] !== stretch.top || stretch.numbers === 0 || stretch.header !== '') return [stretch]
  const texts = stretch.texts.slice(1)
  return texts.length === 0 ? [] : [{ ...stretch, texts }]
}

/** For each stretch a formula whose function skips its texts, if there is one. */
function ignoringFormulas(
  audited: AuditedWorkbook,
  stretches: readonly NumericStretch[],
): Map<NumericStretch, { readonly name: string; readonly formula: number }> {
  const byColumn = Map.groupBy(stretches, ({ sheet, column }) => `${sheet} ${column}`)
  const readers = new Map<NumericStretch, { name: string; formula: number }>()
  for (const { area, name, formula } of aggregateUses(audited)) {
    if (area.left !== area.right || name === 'COUNTA') continue
    for (const stretch of byColumn.get(`${area.sheet} ${area.left}`) ?? []) {
      if (readers.has(stretch)) continue
      if (stretch.texts.some((row) => row >= area.top && row <= area.bottom)) readers.set(stretch, { name, formula })
    }
  }
  return readers
}

function describe(
  { workbook, index }: AuditedWorkbook,
  { sheet, column, texts, numbers }: NumericStretch,
  reader: { readonly name: string; readonly formula: number } | undefined,
): Finding {
  const top = texts[0] as number
  const range = formatRange({ top, left: column, bottom: texts.at(-1) as number, right: column })
  const rows = workbook.sheets[sheet]?.rows
  const sample = shortText(String(rows?.[top]?.[column]?.value ?? ''), 40)
  const count = texts.length
  const what =
    count === 1
      ? `${range} holds the number "${sample}" as text`
      : `${count} numbers in ${range} are stored as text ("${sample}", ...)`
  const own = reader !== undefined && index.sheet[reader.formula] === sheet
  const where =
    reader === undefined
      ? ''
      : own
        ? cellOf(index, reader.formula)
        : `${workbook.sheets[index.sheet[reader.formula] as number]?.name}!${cellOf(index, reader.formula)}`
  return finding({
    kind: 'number-as-text',
    severity: reader === undefined ? 'medium' : 'high',
    sheet: workbook.sheets[sheet]?.name ?? '',
    range,
    message:
      reader === undefined
        ? `${what} among ${numbers} real numbers.`
        : `${what}; ${reader.name} in ${where} ignores ${count === 1 ? 'it' : 'them'}.`,
    evidence: {
      cells: count,
      numbers,
      examples: texts.slice(0, 10).map((row) => formatCell(row, column)),
      ...(reader === undefined ? {} : { ignoredBy: where }),
    },
  })
}
