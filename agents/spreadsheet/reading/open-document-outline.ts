import type { Sheet } from '../workbook.ts'
import { Refusal } from './refusal.ts'
import { nextTag, openingTags, type TagCursor, tagAttribute } from './xml-scan.ts'

/** What an OpenDocument table says beside its cells. */
export type TableOutline = {
  -readonly [K in 'state' | 'protected' | 'comments' | 'charts' | 'pivots' | 'hiddenRows' | 'hiddenColumns']: Sheet[K]
}

/** Repeated cells are written once; beyond this many they are refused before they are unfolded. */
const MOST_CELLS = 10_000_000

const CELLS = new Set(['table-cell', 'covered-table-cell'])

/** Walks the content once: the outline of each table by name, and a count of the cells that repeats stand for. */
export function openDocumentOutline(content: string): ReadonlyMap<string, TableOutline> {
  const hiddenStyles = hiddenTableStyles(content)
  const pivots = openingTags(content, 'data-pilot-table').map((tag) => pivotSheet(tag))
  const tables = new Map<string, TableOutline>()
  const cursor: TagCursor = { name: '', closing: false, selfClosing: false, start: 0, end: 0 }
  let table: TableOutline | undefined
  let [rows, cells, depth] = [1, 0, 0]
  while (nextTag(content, cursor, content.length)) {
    const { name, closing, selfClosing } = cursor
    if (name === 'table') {
      if (!selfClosing) depth += closing ? -1 : 1
      if (closing || depth > 1) continue
      const tag = content.slice(cursor.start, cursor.end)
      const sheet = attributeOf(tag, 'name') ?? ''
      table = {
        state: hiddenStyles.has(attributeOf(tag, 'style-name') ?? '') ? 'hidden' : 'visible',
        protected: attributeOf(tag, 'protected') === 'true',
        comments: 0,
        charts: 0,
        hiddenRows: 0,
        hiddenColumns: 0,
        pivots: pivots.filter((target) => target === sheet).length,
      }
      tables.set(sheet, table)
    } else if (table === undefined || closing) continue
    else if (name === 'table-row') {
      const tag = content.slice(cursor.start, cursor.end)
      rows = Number(attributeOf(tag, 'number-rows-repeated') ?? 1)
      if (isHidden(tag)) table.hiddenRows += rows
    } else if (name === 'table-column') {
      const tag = content.slice(cursor.start, cursor.end)
      if (isHidden(tag)) table.hiddenColumns += Number(attributeOf(tag, 'number-columns-repeated') ?? 1)
    } else if (CELLS.has(name)) {
      const tag = content.slice(cursor.start, cursor.end)
      const filled = name === 'covered-table-cell' || !selfClosing || holdsValue(tag)
      if (filled) cells += Number(attributeOf(tag, 'number-columns-repeated') ?? 1) * (name === 'table-cell' ? rows : 1)
      if (cells > MOST_CELLS) {
        throw new Refusal('TOO_LARGE', `The repeated cells of the document stand for more than ${MOST_CELLS} cells.`)
      }
    } else if (name === 'annotation') table.comments++
    else if (name === 'object' && isChart(content.slice(cursor.start, cursor.end))) table.charts++
  }
  return tables
}

/** The library drops values and formulas of cells without a text; with an empty body it keeps them. */
export function withOpenCells(content: string): string {
  return content.replace(/<((?:\w+:)?table-cell)((?:\s[^<>]*)?)\/>/g, (whole, name: string, attributes: string) =>
    holdsValue(attributes) ? `<${name}${attributes}></${name}>` : whole,
  )
}

function holdsValue(tag: string): boolean {
  return /[\s:](?:value-type|formula)=/.test(tag)
}

/** Of all embedded objects only charts name the ranges they draw. */
function isChart(tag: string): boolean {
  return tag.includes('notify-on-update-of-ranges')
}

function isHidden(tag: string): boolean {
  const visibility = attributeOf(tag, 'visibility')
  return visibility === 'collapse' || visibility === 'filter'
}

function attributeOf(tag: string, name: string): string | undefined {
  return tagAttribute(tag, `(?:\\w+:)?${name}`)
}

function hiddenTableStyles(content: string): ReadonlySet<string> {
  const hidden = new Set<string>()
  let style = ''
  for (const tag of content.match(/<style:(?:style|table-properties)\s[^<>]*>/g) ?? []) {
    if (tag.startsWith('<style:style')) style = attributeOf(tag, 'name') ?? ''
    else if (attributeOf(tag, 'display') === 'false') hidden.add(style)
  }
  return hidden
}

function pivotSheet(tag: string): string {
  return (attributeOf(tag, 'target-range-address') ?? '').replace(/\.[^.]*(?::.*)?$/, '').replace(/^\$?'?|'$/g, '')
}
