import { decodeXmlEntities } from './xml-text.ts'

/** A sheet part cut at its cells: what comes before, the rows, and what comes after. */
export interface SheetSections {
  readonly head: string
  readonly data: string
  readonly tail: string
}

/** Splits a sheet part without parsing it. Parts without rows are all head. */
export function sheetSections(xml: string): SheetSections {
  const open = /<(\w+:)?sheetData(?:\s[^>]*)?>/.exec(xml)
  if (open === null) return { head: xml, data: '', tail: '' }
  const from = open.index + open[0].length
  if (open[0].endsWith('/>')) return { head: xml.slice(0, open.index), data: '', tail: xml.slice(from) }
  const close = xml.lastIndexOf(`</${open[1] ?? ''}sheetData`)
  const to = close < from ? xml.length : close
  return { head: xml.slice(0, open.index), data: xml.slice(from, to), tail: xml.slice(to) }
}

/** Every opening tag with one local name, whatever its prefix. */
export function openingTags(xml: string, name: string): readonly string[] {
  if (!xml.includes(name)) return []
  return xml.match(new RegExp(`<(?:\\w+:)?${name}(?=[\\s/>])[^>]*>`, 'g')) ?? []
}

/** One attribute of an opening tag; undefined when it has none of that name. */
export function tagAttribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag)
  const value = match?.[1] ?? match?.[2]
  return value === undefined ? undefined : decodeXmlEntities(value)
}
