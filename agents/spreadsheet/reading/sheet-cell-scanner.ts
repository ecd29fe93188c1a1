import type { Cell, CellRange, Sheet } from '../workbook.ts'
import { cellName, decodeRange, lastColumn, lastRow } from './cell-range.ts'
import { markArrays } from './array-ranges.ts'
import { Refusal } from './refusal.ts'
import { type SharedFormula, shareFormula } from './shared-formula.ts'
import { readRichText } from './shared-strings.ts'
import type { SheetCells } from './sheetjs-cells.ts'
import { decodeControls, elementText, nextTag, type SheetSections, type TagCursor } from './xml-scan.ts'
import { isoSerial } from './iso-serial.ts'

/** What the cells of every sheet refer to. */
export interface CellContext {
  readonly strings: readonly string[]
  readonly formats: readonly (string | undefined)[]
  readonly date1904: boolean
}

type MutableCell = { -readonly [K in keyof Cell]: Cell[K] }
type Content = Pick<Cell, 'type' | 'value'>

interface Scan {
  readonly xml: string
  readonly limit: number
  readonly cursor: TagCursor
  readonly context: CellContext
  readonly shared: Map<string, { readonly at: Position; readonly text: SharedFormula }>
  readonly arrays: CellRange[]
  /** Members that came before the cell which carries their formula. */
  readonly waiting: { readonly id: string; readonly at: Position; readonly cell: MutableCell }[]
}

interface Position {
  readonly row: number
  readonly column: number
}

const EMPTY: Content = { type: 'empty', value: null }

/** Reads the rows of a sheet part in one pass over its text. */
export function scanSheetCells(sections: SheetSections, context: CellContext): SheetCells & Pick<Sheet, 'hiddenRows'> {
  const cursor: TagCursor = { name: '', closing: false, selfClosing: false, start: 0, end: sections.from }
  const scan: Scan = {
    xml: sections.xml,
    limit: sections.to,
    cursor,
    context,
    shared: new Map(),
    arrays: [],
    waiting: [],
  }
  const rows: (Cell | undefined)[][] = []
  let [top, left, bottom, right] = [lastRow + 1, lastColumn + 1, -1, -1]
  let [row, column, hiddenRows] = [-1, -1, 0]
  while (nextTag(scan.xml, cursor, scan.limit)) {
    if (cursor.closing) continue
    const tag = cursor.start
    const tagEnd = cursor.end
    if (cursor.name === 'row') {
      const number = attribute(scan.xml, tag, tagEnd, 'r')
      row = number === undefined ? row + 1 : Number(number) - 1
      column = -1
      if (/^(?:1|true)$/.test(attribute(scan.xml, tag, tagEnd, 'hidden') ?? '')) hiddenRows++
    } else if (cursor.name === 'c') {
      const reference = attribute(scan.xml, tag, tagEnd, 'r')
      const at = reference === undefined ? { row, column: column + 1 } : position(reference, row)
      column = at.column
      if (!(at.row >= 0 && at.row <= lastRow && column >= 0 && column <= lastColumn)) {
        throw new Refusal('BAD_PACKAGE', `The cell ${reference ?? cellName(at.row, column)} lies outside of the grid.`)
      }
      const cell = readCell(scan, at)
      if (cell === undefined) continue
      const cells = (rows[at.row] ??= [])
      cells[column] = cell
      if (at.row < top) top = at.row
      if (at.row > bottom) bottom = at.row
      if (column < left) left = column
      if (column > right) right = column
    }
  }
  for (const { id, at, cell } of scan.waiting) {
    if (!joinShared(scan, id, at, cell) && cell.type === 'empty') delete rows[at.row]?.[at.column]
  }
  markArrays(rows, scan.arrays)
  return { rows, used: bottom < 0 ? null : { top, left, bottom, right }, hiddenRows }
}

function readCell(scan: Scan, at: Position): MutableCell | undefined {
  const { xml, cursor, limit, context } = scan
  if (cursor.selfClosing) return undefined
  const type = attribute(xml, cursor.start, cursor.end, 't')
  const style = attribute(xml, cursor.start, cursor.end, 's')
  let value: string | undefined
  let inline: string | undefined
  let formula: { readonly tag: number; readonly end: number; readonly text: string } | undefined
  while (nextTag(xml, cursor, limit)) {
    const { name, closing, selfClosing, start, end } = cursor
    if (closing) {
      if (name === 'c') break
      continue
    }
    if (name === 'v') value = selfClosing ? '' : textUntil(scan, 'v', end)
    else if (name === 'f') formula = { tag: start, end, text: selfClosing ? '' : textUntil(scan, 'f', end) }
    else if (name === 'is') inline = selfClosing ? '' : readRichText(xml, cursor, 'is', limit)
  }
  const content = contentOf(type, value, inline, at, context)
  const cell: MutableCell = content === undefined ? { ...EMPTY } : { type: content.type, value: content.value }
  const hasFormula = formula !== undefined && readFormula(scan, formula, at, cell)
  if (content === undefined && !hasFormula) return undefined
  const format = style === undefined ? undefined : context.formats[Number(style)]
  if (format !== undefined) cell.format = format
  return cell
}

/** The text up to a closing tag, which the cursor is left on. */
function textUntil(scan: Scan, name: string, from: number): string {
  const { xml, cursor, limit } = scan
  while (nextTag(xml, cursor, limit) && !(cursor.closing && cursor.name === name));
  return elementText(xml, from, cursor.start)
}

/** Puts the formula on the cell; false when the element says nothing about this cell. */
function readFormula(
  scan: Scan,
  { tag, end, text }: { readonly tag: number; readonly end: number; readonly text: string },
  at: Position,
  cell: MutableCell,
): boolean {
  const kind = attribute(scan.xml, tag, end, 't')
  const formula = plainFormula(text)
  if (kind === 'shared') {
    const id = attribute(scan.xml, tag, end, 'si') ?? ''
    if (formula === '') return joinShared(scan, id, at, cell) || scan.waiting.push({ id, at, cell }) > 0
    scan.shared.set(id, { at, text: shareFormula(formula) })
  }
  if (kind === 'array' || kind === 'dataTable') {
    const range = decodeRange(attribute(scan.xml, tag, end, 'ref') ?? '')
    if (range !== null) scan.arrays.push(range)
  }
  const written = kind === 'dataTable' ? dataTable(scan.xml, tag, end) : formula
  if (written !== '') cell.formula = written
  return written !== ''
}

function joinShared(scan: Scan, id: string, at: Position, cell: MutableCell): boolean {
  const master = scan.shared.get(id)
  if (master === undefined) return false
  cell.formula = master.text(at.row - master.at.row, at.column - master.at.column)
  return true
}

/** A what-if table, as spreadsheet programs show it: the row input first, then the column input. */
function dataTable(xml: string, tag: number, end: number): string {
  const first = attribute(xml, tag, end, 'r1') ?? ''
  if (isOn(attribute(xml, tag, end, 'dt2D'))) return `TABLE(${first},${attribute(xml, tag, end, 'r2') ?? ''})`
  return isOn(attribute(xml, tag, end, 'dtr')) ? `TABLE(${first},)` : `TABLE(,${first})`
}

/** Formulas are kept as people write them: no `=`, and none of the prefixes that mark newer functions in files. */
function plainFormula(text: string): string {
  const formula = decodeControls(text.startsWith('=') ? text.slice(1) : text)
  return formula.includes('_xl') ? formula.replace(/_xl(?:fn|ws|pm)\./g, '') : formula
}

function contentOf(
  type: string | undefined,
  value: string | undefined,
  inline: string | undefined,
  at: Position,
  context: CellContext,
): Content | undefined {
  if (type === 'inlineStr') return inline === undefined ? undefined : { type: 'text', value: inline }
  if (value === undefined) return undefined
  if (type === 'str') return { type: 'text', value: decodeControls(value) }
  if (value === '') return undefined
  if (type === 's') return { type: 'text', value: sharedString(value, at, context) }
  if (type === 'b') return { type: 'boolean', value: isOn(value) }
  if (type === 'e') return { type: 'error', value }
  const number = type === 'd' ? isoSerial(value, context.date1904) : Number(value)
  return Number.isFinite(number) ? { type: 'number', value: number } : { type: 'text', value }
}

function sharedString(value: string, { row, column }: Position, { strings }: CellContext): string {
  const text = strings[Number(value)]
  if (text !== undefined) return text
  const where = cellName(row, column)
  throw new Refusal('BAD_PACKAGE', `The cell ${where} shows shared string ${value}; there are ${strings.length}.`)
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true'
}

/** Reads `B12` by hand: a regular expression per cell would cost as much as all the rest. */
function position(reference: string, row: number): Position {
  let column = 0
  let i = 0
  for (; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) & 0xdf
    if (letter < 65 || letter > 90) break
    column = column * 26 + letter - 64
  }
  const digits = Number(reference.slice(i))
  return { row: digits > 0 ? digits - 1 : row, column: column - 1 }
}

const EQUALS = 61

/** The raw value of a tag's attribute. It never looks beyond the tag's end, however broken the tag is. */
function attribute(xml: string, tag: number, end: number, name: string): string | undefined {
  for (let at = tag; at < end; at++) {
    if (xml.charCodeAt(at) !== EQUALS) continue
    let open = at + 1
    while (xml.charCodeAt(open) <= 32) open++
    const quote = xml.charCodeAt(open)
    let close = open + 1
    while (close < end && xml.charCodeAt(close) !== quote) close++
    if (close >= end) return undefined
    let last = at
    while (xml.charCodeAt(last - 1) <= 32) last--
    const first = last - name.length
    if (xml.startsWith(name, first) && xml.charCodeAt(first - 1) <= 32) return xml.slice(open + 1, close)
    at = close
  }
  return undefined
}
