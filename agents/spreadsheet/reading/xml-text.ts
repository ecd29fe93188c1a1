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

/** Replaces the five entities XML knows and character references; everything else stays as it is. */
export function decodeXmlEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** Whether XML in any encoding declares a document type or an entity outside of CDATA sections and comments. */
export function hasDoctype(bytes: Buffer): boolean {
  return NEEDLES.some(([needle, opens, closes]) => {
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
      const inside = opens.some((open, i) => {
        const opened = bytes.lastIndexOf(open, at)
        const close = closes[i]
        return opened >= 0 && close !== undefined && bytes.indexOf(close, opened + open.length) > at
      })
      if (!inside) return true
    }
    return false
  })
}

type Needle = readonly [needle: Buffer, opens: readonly Buffer[], closes: readonly Buffer[]]

const NEEDLES: readonly Needle[] = ['<!DOCTYPE', '<!doctype', '<!ENTITY'].flatMap((word) =>
  [(text: string) => Buffer.from(text, 'utf8'), (text: string) => Buffer.from(text, 'utf16le'), bigEndian].map(
    (encode): Needle => [encode(word), [encode('<![CDATA['), encode('<!--')], [encode(']]>'), encode('-->')]],
  ),
)

function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

function swapped(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le')
}

function declaresLatin(bytes: Buffer): boolean {
  const declaration = bytes.toString('latin1', 0, 120)
  return /^\s*<\?xml[^>]*encoding=["'](?:iso-8859-1|windows-1252|latin-?1)["']/i.test(declaration)
}
