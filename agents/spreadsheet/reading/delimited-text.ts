import type { Cell, Sheet } from '../workbook.ts'
import { lastColumn, lastRow } from './cell-range.ts'
import { isProse } from './prose.ts'
import { Refusal } from './refusal.ts'
import type { WorkbookContent } from './workbook-reader.ts'

const SEPARATORS = [',', ';', '\t', '|'] as const
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/

/** Reads a csv file into one sheet. Only plain numbers become numbers; everything that could be a date stays text. */
export function readDelimitedText(file: Buffer): WorkbookContent {
  const text = decodeText(file)
  const declared = /^sep=(.)\r?\n/i.exec(text)
  const body = declared === null ? text : text.slice(declared[0].length)
  if (declared === null && isProse(body, SEPARATORS)) throw noTable()
  const separator = declared?.[1] ?? likelySeparator(body)
  return {
    sheets: [{ ...readRows(body, separator), ...PLAIN_SHEET }],
    names: [],
    externalLinks: [],
    calculation: { mode: 'auto', iterative: false },
    date1904: false,
    vba: false,
  }
}

function noTable(): Refusal {
  return new Refusal(
    'NOT_A_WORKBOOK',
    'The file is text without columns: its lines read as sentences, and no separator cuts them alike.',
    'Give a workbook, or a table with commas, semicolons, tabs or bars between its columns. If this is a table, say so in a first line such as sep=; with its separator.',
  )
}

const PLAIN_SHEET: Omit<Sheet, 'rows' | 'used'> = {
  name: 'Sheet1',
  index: 0,
  kind: 'worksheet',
  state: 'visible',
  merges: [],
  tables: [],
  pivots: 0,
  charts: 0,
  chartSources: [],
  validations: 0,
  conditionalFormats: 0,
  comments: 0,
  protected: false,
  hiddenRows: 0,
  hiddenColumns: 0,
}

/** UTF-8 and UTF-16 by their marks, UTF-8 when it is valid, the Western code page otherwise. */
function decodeText(file: Buffer): string {
  if (file[0] === 0xff && file[1] === 0xfe) return file.toString('utf16le', 2)
  if (file[0] === 0xfe && file[1] === 0xff) return new TextDecoder('utf-16be').decode(file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file)
  } catch {
    return new TextDecoder('windows-1252').decode(file)
  }
}

/** The separator that cuts the first lines into the most equal number of fields. */
function likelySeparator(text: string): string {
  const sample = text.slice(0, 20_000).replace(/"(?:[^"]|"")*"/g, '')
  const lines = sample.split(/\r\n|[\r\n]/, 20).filter((line) => line !== '')
  let best: string = ','
  let bestScore = 0
  for (const separator of SEPARATORS) {
    const counts = lines.map((line) => line.split(separator).length - 1)
    const usual = counts.toSorted((a, b) => a - b)[counts.length >> 1] ?? 0
    const score = usual === 0 ? 0 : counts.filter((count) => count === usual).length * 1000 + usual
    if (score > bestScore) {
      best = separator
      bestScore = score
    }
  }
  return best
}

function readRows(text: string, separator: string): Pick<Sheet, 'rows' | 'used'> {
  const rows: (Cell | undefined)[][] = []
  let row: (Cell | undefined)[] = []
  let column = 0
  let left = Number.POSITIVE_INFINITY
  let right = -1
  let top = -1
  let bottom = -1
  const put = (field: string, quoted: boolean): void => {
    const cell = textCell(field, quoted)
    if (cell !== undefined) {
      if (column > lastColumn || rows.length > lastRow) {
        throw new Refusal('TOO_LARGE', `The text has more than ${lastRow + 1} rows or ${lastColumn + 1} columns.`)
      }
      row[column] = cell
      left = Math.min(left, column)
      right = Math.max(right, column)
      if (top < 0) top = rows.length
      bottom = rows.length
    }
    column++
  }
  const endRow = (): void => {
    rows.push(row)
    row = []
    column = 0
  }
  const stop = new RegExp(`[\\r\\n${separator === '|' ? '\\|' : separator}]`, 'g')
  for (let at = 0; at <= text.length; ) {
    const quoted = text[at] === '"' ? quotedField(text, at) : null
    stop.lastIndex = quoted?.end ?? at
    const found = stop.exec(text)
    const end = found?.index ?? text.length
    const rest = text.slice(quoted?.end ?? at, end)
    put(quoted === null ? rest : quoted.value + rest, quoted !== null)
    if (found === null) break
    if (found[0] !== separator) endRow()
    at = found[0] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1
  }
  endRow()
  rows.length = bottom + 1
  return { rows, used: bottom < 0 ? null : { top, left, bottom, right } }
}

function quotedField(text: string, from: number): { readonly value: string; readonly end: number } {
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return { value: text.slice(from + 1).replaceAll('""', '"'), end: text.length }
    if (text[quote + 1] !== '"') return { value: text.slice(from + 1, quote).replaceAll('""', '"'), end: quote + 1 }
    at = quote + 2
  }
}

/** A text that begins with `=` is a formula to every spreadsheet program that opens it, so it is one here. */
function textCell(field: string, quoted: boolean): Cell | undefined {
  if (field === '') return quoted ? { type: 'text', value: '' } : undefined
  if (field.length > 1 && field.startsWith('=')) return { type: 'empty', value: null, formula: field.slice(1) }
  const trimmed = field.trim()
  if (NUMBER.test(trimmed)) return { type: 'number', value: Number(trimmed) }
  if (/^(?:true|false)$/i.test(trimmed)) return { type: 'boolean', value: trimmed.toLowerCase() === 'true' }
  return { type: 'text', value: field }
}
