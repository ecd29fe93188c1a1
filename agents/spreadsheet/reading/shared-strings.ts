import { decodeControls, elementText, nextTag, type TagCursor } from './xml-scan.ts'

/** The shared strings of a workbook, in order, each with its runs joined. */
export function readSharedStrings(xml: string): readonly string[] {
  const strings: string[] = []
  const cursor: TagCursor = { name: '', closing: false, selfClosing: false, start: 0, end: 0 }
  while (nextTag(xml, cursor, xml.length)) {
    if (cursor.name !== 'si' || cursor.closing) continue
    strings.push(cursor.selfClosing ? '' : readRichText(xml, cursor, 'si', xml.length))
  }
  return strings
}

/** Joins the text runs up to the closing tag of `element`, leaving out phonetic hints. */
export function readRichText(xml: string, cursor: TagCursor, element: string, limit: number): string {
  let text = ''
  let phonetic = false
  while (nextTag(xml, cursor, limit)) {
    const { name, closing, selfClosing, end } = cursor
    if (closing && name === element) break
    if (name === 'rPh') phonetic = !closing && !selfClosing
    if (name !== 't' || closing || selfClosing) continue
    while (nextTag(xml, cursor, limit) && !(cursor.closing && cursor.name === 't'));
    if (!phonetic) text += decodeControls(elementText(xml, end, cursor.start))
  }
  return text
}
