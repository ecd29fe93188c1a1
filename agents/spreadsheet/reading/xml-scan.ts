import { decodeXmlEntities } from './xml-text.ts'

/** A sheet part cut at its cells: what comes before, where the rows are, and what comes after. */
export interface SheetSections {
  readonly head: string
  readonly tail: string
  readonly xml: string
  /** Where the rows begin and end in the XML. */
  readonly from: number
  readonly to: number
}

/** Splits a sheet part without parsing it. Parts without rows are all head. */
export function sheetSections(xml: string): SheetSections {
  const open = /<(\w+:)?sheetData(?:\s[^<>]*)?>/.exec(xml)
  if (open === null) return { head: xml, tail: xml, xml, from: 0, to: 0 }
  const from = open.index + open[0].length
  const head = xml.slice(0, open.index)
  if (open[0].endsWith('/>')) return { head, tail: xml.slice(from), xml, from, to: from }
  const close = xml.lastIndexOf(`</${open[1] ?? ''}sheetData`)
  const to = close < from ? xml.length : close
  return { head, tail: xml.slice(to), xml, from, to }
}

/** Every opening tag with one local name, whatever its prefix. */
export function openingTags(xml: string, name: string): readonly string[] {
  if (!xml.includes(name)) return []
  return xml.match(new RegExp(`<(?:\\w+:)?${name}(?=[\\s/>])[^<>]*>`, 'g')) ?? []
}

/** One attribute of an opening tag; undefined when it has none of that name. */
export function tagAttribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag)
  const value = match?.[1] ?? match?.[2]
  return value === undefined ? undefined : decodeXmlEntities(value)
}

const COLON = 58
const SLASH = 47

/** Walks tags by position, without a copy of anything that is not asked for. */
export interface TagCursor {
  /** The local name of the current tag; empty for comments, declarations and CDATA. */
  name: string
  closing: boolean
  selfClosing: boolean
  /** Where the current tag begins, and where what follows it begins. */
  start: number
  end: number
}

/** Moves to the next tag before `limit`; false when there is none. CDATA and comments are passed as a whole. */
export function nextTag(xml: string, cursor: TagCursor, limit: number): boolean {
  const start = xml.indexOf('<', cursor.end)
  if (start < 0 || start >= limit) return false
  const first = xml.charCodeAt(start + 1)
  cursor.start = start
  if (first === 33 || first === 63) {
    const close = xml.startsWith('<![CDATA[', start) ? ']]>' : xml.startsWith('<!--', start) ? '-->' : '>'
    const end = xml.indexOf(close, start)
    cursor.name = ''
    cursor.closing = cursor.selfClosing = false
    cursor.end = end < 0 ? limit : end + close.length
    return true
  }
  const end = xml.indexOf('>', start)
  if (end < 0) return false
  cursor.closing = first === SLASH
  cursor.selfClosing = xml.charCodeAt(end - 1) === SLASH
  let from = cursor.closing ? start + 2 : start + 1
  let to = from
  for (; to < end; to++) {
    const code = xml.charCodeAt(to)
    if (code === COLON) from = to + 1
    else if (code <= 32 || code === SLASH) break
  }
  cursor.name = xml.slice(from, to)
  cursor.end = end + 1
  return true
}

/** The local name of the outermost element; empty when the text is no XML. */
export function rootName(xml: string): string {
  const cursor: TagCursor = { name: '', closing: false, selfClosing: false, start: 0, end: 0 }
  const first = xml.indexOf('<')
  if (first < 0 || xml.slice(0, first).trim() !== '') return ''
  while (nextTag(xml, cursor, xml.length)) if (cursor.name !== '') return cursor.closing ? '' : cursor.name
  return ''
}

/** The text between two positions, which may hold CDATA sections and comments, as the reader of the XML sees it. */
export function elementText(xml: string, from: number, to: number): string {
  const raw = xml.slice(from, to)
  if (!raw.includes('<!')) return ownText(decodeXmlEntities(raw))
  return raw
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->)/)
    .map((piece) => {
      if (piece.startsWith('<![CDATA[')) return piece.slice(9, -3)
      return piece.startsWith('<!--') ? '' : decodeXmlEntities(piece)
    })
    .join('')
}

/** Control characters are written as `_x000D_`, and such a text itself as `_x005F_x000D_`. Line ends become `\n`. */
export function decodeControls(text: string): string {
  const plain = text.includes('_x')
    ? text.replace(/_x([\da-fA-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
  return plain.includes('\r') ? plain.replace(/\r\n?/g, '\n') : plain
}

/** A long slice keeps the whole XML alive in memory; a copy does not. */
function ownText(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1)
}
