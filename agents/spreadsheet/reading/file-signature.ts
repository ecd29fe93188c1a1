/** What the first bytes of a file say it is. */
export type FileSignature = 'zip' | 'ole2' | 'biff' | 'text' | { readonly foreign: string }

const ZIP = ['PK\x03\x04', 'PK\x05\x06']

const FOREIGN: readonly (readonly [bytes: string, what: string])[] = [
  ['%PDF-', 'a PDF document'],
  ['\x89PNG', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['GIF8', 'a GIF image'],
  ['BM', 'a BMP image'],
  ['II*\0', 'a TIFF image'],
  ['MM\0*', 'a TIFF image'],
  ['{\\rtf', 'a rich text document'],
  ['\x1f\x8b', 'a gzip archive'],
  ['Rar!', 'a RAR archive'],
  ['7z\xbc\xaf', 'a 7-Zip archive'],
  ['MZ', 'a Windows program'],
  ['\x7fELF', 'a program'],
  ['SQLite format 3\0', 'an SQLite database'],
  ['PAR1', 'a Parquet file'],
]

const HTML = /^<(?:!doctype html|html|head|body|table|meta|style|script|div|p|span|h[1-6]|ul|ol|pre|center|font|br)\b/i

/** Tells a workbook's container from everything else that is sent under a workbook's name. */
export function fileSignature(file: Buffer): FileSignature {
  const head = file.toString('latin1', 0, 16)
  if (ZIP.some((start) => head.startsWith(start))) return 'zip'
  if (head.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return 'ole2'
  if (file[0] === 9 && [0, 2, 4, 8].includes(file[1] ?? -1) && (file[2] ?? 0) >= 4 && file[3] === 0) return 'biff'
  const foreign = FOREIGN.find(([bytes]) => head.startsWith(bytes) && !(bytes.length === 2 && isText(file)))
  if (foreign !== undefined) return { foreign: foreign[1] }
  if (!isText(file)) return { foreign: 'binary data of no known kind' }
  const start = textStart(file)
  if (HTML.test(start)) return { foreign: 'an HTML page' }
  if (/^<\?xml|^<\w/.test(start)) {
    if (/<html\b/i.test(start)) return { foreign: 'an HTML page' }
    const spreadsheet = start.includes('urn:schemas-microsoft-com:office:spreadsheet')
    return { foreign: spreadsheet ? 'an XML Spreadsheet 2003 document' : 'an XML document' }
  }
  return /^(?:\[\s*)?\{\s*"[^"\n]*"\s*:/.test(start) ? { foreign: 'a JSON document' } : 'text'
}

/** Text has no control characters beside tabs, line ends and form feeds; UTF-16 is text when it says so. */
function isText(file: Buffer): boolean {
  if ((file[0] === 0xff && file[1] === 0xfe) || (file[0] === 0xfe && file[1] === 0xff)) return true
  const end = Math.min(file.length, 65_536)
  for (let i = 0; i < end; i++) {
    const byte = file[i] as number
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27 && byte !== 26)) return false
  }
  return true
}

function textStart(file: Buffer): string {
  const wide = file[0] === 0xff && file[1] === 0xfe
  const text = file.toString(wide ? 'utf16le' : 'utf8', 0, 4096)
  return text.replace(/^[\uFEFF\s]+/, '').replace(/^(?:<!--[\s\S]*?-->\s*)+/, '')
}
