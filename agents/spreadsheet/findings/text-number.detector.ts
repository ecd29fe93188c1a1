import { numericText } from '../content/numeric-text.ts'
import { formatRange, quoteSheet } from '../formulas/cell-reference.ts'
import type { Sheet } from '../workbook.ts'
import { aggregateUses } from './aggregate-use.ts'
import type { AuditedWorkbook } from './audited-workbook.ts'
import { type Finding, finding } from './finding.ts'
import { cellOf, sheetOf, shortText } from './formula-place.ts'
import { gatheredRanges } from './gathered-ranges.ts'

/** An unbroken stretch of one column that holds numbers and texts that read as numbers. */
interface NumericStretch {
  readonly sheet: number
  readonly column: number
  readonly top: number
  readonly bottom: number
  readonly numbers: number
  /** The rows of the texts. */
  readonly texts: readonly number[]
  readonly header: string
}

/** A stretch that is still being walked. */
interface OpenStretch extends NumericStretch {
  bottom: number
  numbers: number
  readonly texts: number[]
}

const identifier =
  /(?:^|[\s_\-#./])(?:ids?|codes?|keys?|sku|no|nr|number|zip|postcode|plz|phone|fax|tel|account|acct|ref|reference|version|year|date|room|part|serial)\.?(?:$|[\s_\-#./])/i

/** Finds numbers that are stored as text among real numbers, or under a function that will ignore them. */
export function detectTextNumbers(audited: AuditedWorkbook): Finding[] {
  const stretches = audited.workbook.sheets.flatMap((sheet, position) => textStretches(sheet, position))
  if (stretches.length === 0) return []
  const readers = ignoringFormulas(audited, stretches)
  const faults = stretches.flatMap((stretch): TextFault[] => {
    const reader = readers.get(stretch)
    if (reader !== undefined) return [{ stretch, reader, right: stretch.column }]
    const texts = withoutLabels(audited.workbook.sheets[stretch.sheet] as Sheet, stretch)
    const outnumbered = stretch.numbers >= 2 && texts.length > 0 && texts.length <= stretch.numbers
    if (!outnumbered || identifier.test(` ${stretch.header} `)) return []
    return [{ stretch: { ...stretch, texts }, reader: null, right: stretch.column }]
  })
  return joinColumns(faults).map((fault) => describe(audited, fault))
}

/** A stretch that is a fault, with those of the same rows in the columns up to `right`. */
interface TextFault {
  readonly stretch: NumericStretch
  readonly reader: Reader | null
  readonly right: number
}

interface Reader {
  readonly name: string
  readonly formula: number
}

/** A row of numbers as text runs through many columns and is one fault. */
function joinColumns(faults: readonly TextFault[]): TextFault[] {
  const joined = new Map<string, TextFault>()
  const done: TextFault[] = []
  for (const fault of [...faults].sort((a, b) => a.stretch.column - b.stretch.column)) {
    const { sheet, texts, column } = fault.stretch
    const key = `${sheet} ${fault.reader?.name} ${texts.join()}`
    const before = joined.get(key)
    if (before !== undefined && before.right === column - 1) joined.set(key, { ...before, right: column })
    else {
      if (before !== undefined) done.push(before)
      joined.set(key, fault)
    }
  }
  return [...done, ...joined.values()]
}

/** Walks a sheet once, row by row, and keeps one open stretch a column. */
function textStretches(sheet: Sheet, position: number): NumericStretch[] {
  const found: NumericStretch[] = []
  const open = new Map<number, OpenStretch>()
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
      const stretch: OpenStretch = goesOn
        ? known
        : { sheet: position, column, top: row, bottom: row, numbers: 0, texts: [], header: headers.get(column) ?? '' }
      if (!goesOn) open.set(column, stretch)
      stretch.bottom = row
      if (number) stretch.numbers++
      else if (stretch.texts.push(row) === 1) found.push(stretch)
    })
  })
  return found
}

/** The texts without labels: a year on top of numbers (`2003`), a row of texts over them, a count across (`(1)`, `(2)`). */
function withoutLabels(sheet: Sheet, { texts, top, numbers, header, column }: NumericStretch): readonly number[] {
  const at = (row: number, by: number) => {
    const cell = sheet.rows[row]?.[column + by]
    return cell?.type === 'text' ? String(cell.value) : null
  }
  const counts = (row: number, by: number) => {
    const [own, other] = [numericText(at(row, 0) ?? ''), numericText(at(row, by) ?? '')]
    return own !== null && other !== null && Math.abs(other - own) === 1 && Math.abs(other) - Math.abs(own) === by
  }
  return texts.filter((row) => {
    if (counts(row, -1) || counts(row, 1)) return false
    const heads = row === top && numbers > 0
    return !heads || (header !== '' && at(row, -1) === null && at(row, 1) === null)
  })
}

/** For each stretch a formula whose function skips its texts, if there is one. */
function ignoringFormulas(audited: AuditedWorkbook, stretches: readonly NumericStretch[]): Map<NumericStretch, Reader> {
  const byColumn = Map.groupBy(stretches, ({ sheet, column }) => `${sheet} ${column}`)
  const readers = new Map<NumericStretch, Reader>()
  for (const { area, name, formula } of aggregateUses(audited)) {
    if (area.left !== area.right || name === 'COUNTA') continue
    for (const stretch of byColumn.get(`${area.sheet} ${area.left}`) ?? []) {
      if (readers.has(stretch)) continue
      if (stretch.texts.some((row) => row >= area.top && row <= area.bottom)) readers.set(stretch, { name, formula })
    }
  }
  return readers
}

function describe({ workbook, index }: AuditedWorkbook, { stretch, reader, right }: TextFault): Finding {
  const { sheet, column, texts, numbers } = stretch
  const top = texts[0] as number
  const range = formatRange({ top, left: column, bottom: texts.at(-1) as number, right })
  const sample = shortText(String(workbook.sheets[sheet]?.rows[top]?.[column]?.value ?? ''), 40)
  const cells = texts.flatMap((row) =>
    Array.from({ length: right - column + 1 }, (_, at) => ({ row, column: column + at })),
  )
  const count = cells.length
  const what =
    count === 1
      ? `${range} holds the number "${sample}" as text`
      : `${count} numbers in ${range} are stored as text ("${sample}", ...)`
  const ignoredBy = reader === null ? null : addressOf({ workbook, index }, reader.formula, sheet)
  return finding({
    kind: 'number-as-text',
    severity: reader === null ? 'medium' : 'high',
    sheet: workbook.sheets[sheet]?.name ?? '',
    range,
    message:
      reader === null
        ? `${what} among real numbers.`
        : `${what}; ${reader.name} in ${ignoredBy} ignores ${count === 1 ? 'it' : 'them'}.`,
    evidence: {
      cells: count,
      numbers,
      ...gatheredRanges(cells),
      ...(ignoredBy === null ? {} : { ignoredBy }),
    },
  })
}

function addressOf(
  { workbook, index }: Pick<AuditedWorkbook, 'workbook' | 'index'>,
  formula: number,
  from: number,
): string {
  const cell = cellOf(index, formula)
  return index.sheet[formula] === from ? cell : `${quoteSheet(sheetOf(workbook, index, formula))}!${cell}`
}
