/** Decodes an XML part by its byte order mark, or by how its first `<` is written. */
export function decodeXmlText(bytes: Buffer): string {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return bytes.toString('utf8', 3)
  if (a === 0xff && b === 0xfe) return bytes.toString('utf16le', 2)
  if (a === 0x3c && b === 0x00) return bytes.toString('utf16le')
  if (a === 0xfe && b === 0xff) return swapped(bytes.subarray(2))
  if (a === 0x00 && b === 0x3c) return swapped(bytes)
  return declaresLatin(bytes) ? bytes.toString('latin1') : bytes.toString('utf8')
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Replaces the five entities XML knows and character references, so that the text is well formed; all else stays. */
export function decodeXmlEntities(text: string): string {
  if (!text.includes('&')) return text
  const decoded = text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
  return decoded.toWellFormed()
}

/**
 * Whether XML in any encoding declares a document type. It can only do so before its first element, so that is all that
 * is looked at; our parsers expand no entities wherever they stand.
 */
export function hasDoctype(bytes: Buffer): boolean {
  const xml = bytes.includes(0) ? Buffer.from(decodeXmlText(bytes)) : bytes
  let at = xml[0] === 0xef ? 3 : 0
  for (;;) {
    while ((xml[at] ?? 0x21) <= 32) at++
    if (xml[at] !== LESS_THAN) return false
    const next = xml[at + 1]
    if (next !== BANG && next !== QUESTION) return false
    const comment = next === BANG && xml.toString('latin1', at, at + 4) === '<!--'
    if (next === BANG && !comment) return true
    const close = xml.indexOf(comment ? '-->' : '?>', at)
    if (close < 0) return false
    at = close + (comment ? 3 : 2)
  }
}

const LESS_THAN = 0x3c
const BANG = 0x21
const QUESTION = 0x3f

function swapped(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le')
}

function declaresLatin(bytes: Buffer): boolean {
  const declaration = bytes.toString('latin1', 0, 120)
  return /^\s*<\?xml[^>]*encoding=["'](?:iso-8859-1|windows-1252|latin-?1)["']/i.test(declaration)
}
