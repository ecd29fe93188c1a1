import { readFileSync } from 'node:fs'
import { CFB } from '@e965/xlsx'
import { assert as verify, property, uint8Array } from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { checkIntegrity } from '../../../../agents/spreadsheet/reading/integrity.ts'
import { builtPackage, packageParts, relationsXml, zipOf } from './built-package.ts'

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/workbooks/${name}`, import.meta.url))
const codeOf = (bytes: Uint8Array, limits = {}): string | null => checkIntegrity(bytes, limits).blocked?.code ?? null
const sheet = 'xl/worksheets/sheet1.xml'

describe('a sound workbook passes the gate', () => {
  test('and the report says what it is', () => {
    const bytes = builtPackage()
    expect(checkIntegrity(bytes)).toMatchObject({ size: bytes.length, format: 'xlsx', entries: 6, blocked: null })
    expect(checkIntegrity(bytes).sha256).toMatch(/^[\da-f]{64}$/)
  })

  test.each([
    ['number_format.xlsm', 'xlsm', 2],
    ['comments_stress_test.xlsb', 'xlsb', 2],
    ['comments_stress_test.xls', 'xls', 2],
    ['comments_stress_test.ods', 'ods', 5],
    ['sheet_visibility_strict.xlsx', 'xlsx', 5],
    ['closedxml-external-refs.xlsx', 'xlsx', 3],
  ])('%s is %s of trust tier %i', (name, format, tier) => {
    expect(checkIntegrity(fixture(name))).toMatchObject({ format, blocked: null, trustTier: { tier } })
  })

  test('text is csv, in any encoding that says so', () => {
    expect(checkIntegrity(strToU8('a,b\n1,2')).format).toBe('csv')
    expect(checkIntegrity(Buffer.from('\uFEFFa;b', 'utf16le')).format).toBe('csv')
    expect(checkIntegrity(Buffer.from('Stra\xdfe;1', 'latin1')).format).toBe('csv')
  })

  test('an archive put behind another is not read in its place', () => {
    expect(codeOf(Buffer.concat([builtPackage(), builtPackage('')]))).toBe('BAD_PACKAGE')
  })
})

describe('what is no workbook is refused by what it is', () => {
  test.each([
    ['<!DOCTYPE html><html><body><table></table></body></html>', 'an HTML page'],
    ['<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table/></html>', 'an HTML page'],
    [
      '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
      'an XML Spreadsheet 2003',
    ],
    ['<p>Our <b>figures</b></p>', 'an HTML page'],
    ['{ "rows": [1, 2] }', 'a JSON document'],
    ['[\n  {"a": 1}\n]', 'a JSON document'],
    ['%PDF-1.7 ...', 'a PDF document'],
    ['\x89PNG\r\n\x1a\n', 'a PNG image'],
    ['\0\0\0\0\x01\x02', 'binary data'],
  ])('%j', (content, what) => {
    const { blocked, format } = checkIntegrity(Buffer.from(content, 'latin1'))
    expect(format).toBeNull()
    expect(blocked?.code).toBe('NOT_A_WORKBOOK')
    expect(blocked?.reason).toContain(what)
  })

  test('a Word document, a bare zip and an OLE2 file without a workbook', () => {
    const word = {
      '_rels/.rels': relationsXml([['a', 'officeDocument', 'word/document.xml']]),
      'word/document.xml': '<w/>',
    }
    expect(codeOf(builtPackage('', word))).toBe('NOT_A_WORKBOOK')
    expect(codeOf(zipOf({ 'readme.txt': 'hello' }))).toBe('NOT_A_WORKBOOK')
    expect(codeOf(compound({ WordDocument: 'x' }))).toBe('NOT_A_WORKBOOK')
  })
})

describe('what is damaged is refused', () => {
  test('nothing at all, or only blanks', () => {
    expect(codeOf(new Uint8Array())).toBe('EMPTY')
    expect(codeOf(strToU8(' \r\n\t '))).toBe('EMPTY')
  })

  test('an archive cut anywhere', () => {
    const bytes = builtPackage()
    for (let size = 4; size < bytes.length; size += 97) {
      expect(['TRUNCATED', 'BAD_PACKAGE']).toContain(codeOf(bytes.subarray(0, size)))
    }
  })

  test('a cut OLE2 file', () => {
    expect(codeOf(fixture('comments_stress_test.xls').subarray(0, 700))).toBe('TRUNCATED')
  })

  test('a part whose bytes changed', () => {
    const bytes = Buffer.from(zipOf({ ...packageParts(), 'xl/media/a.bin': new Uint8Array(64).fill(7) }))
    const at = bytes.indexOf('xl/media/a.bin') + 'xl/media/a.bin'.length
    bytes[at] = (bytes[at] as number) ^ 0xff
    expect(['BAD_PACKAGE', 'TRUNCATED', 'ZIP_BOMB']).toContain(codeOf(bytes))
  })

  test.each(['[Content_Types].xml', '_rels/.rels', 'xl/workbook.xml', 'xl/_rels/workbook.xml.rels'])(
    'a package without %s',
    (part) => {
      expect(codeOf(builtPackage('', { [part]: null }))).toBe('BAD_PACKAGE')
    },
  )

  test('a package that holds one part twice', () => {
    expect(codeOf(zipOf({ ...packageParts(), 'XL/WORKBOOK.xml': '<workbook/>' }))).toBe('BAD_PACKAGE')
  })
})

describe('what is hostile is refused', () => {
  test('names that climb out of the archive', () => {
    expect(codeOf(zipOf({ ...packageParts(), '../../etc/cron.d/x': 'x' }))).toBe('PATH_TRAVERSAL')
    expect(codeOf(zipOf({ ...packageParts(), '..\\x.dll': 'x' }))).toBe('PATH_TRAVERSAL')
  })

  test('an entry that is a symbolic link', () => {
    const link = zipSync({ 'xl/media/link': [strToU8('/etc/passwd'), { os: 3, attrs: 0o120777 * 65_536 }] })
    expect(checkIntegrity(link).blocked).toMatchObject({
      code: 'BAD_PACKAGE',
      reason: expect.stringContaining('xl/media/link'),
    })
    const file = zipSync({ 'xl/media/file': [strToU8('text'), { os: 3, attrs: 0o100644 * 65_536 }] })
    expect(checkIntegrity(file).blocked?.reason).not.toContain('link')
  })

  test('a bomb, by ratio and by total', () => {
    const bomb = builtPackage('', { 'xl/media/zeros.bin': new Uint8Array(8_000_000) })
    expect(codeOf(bomb)).toBeNull()
    expect(codeOf(bomb, { ratioFloor: 1_000_000 })).toBe('ZIP_BOMB')
    expect(codeOf(bomb, { inflatedBytes: 1_000_000 })).toBe('ZIP_BOMB')
  })

  test('a bomb whose headers say it is small', () => {
    const bytes = Buffer.from(builtPackage('', { 'xl/media/zeros.bin': new Uint8Array(8_000_000) }))
    const central = bytes.lastIndexOf('xl/media/zeros.bin') - 46
    expect(bytes.readUInt32LE(central + 24)).toBe(8_000_000)
    bytes.writeUInt32LE(100, central + 24)
    expect(checkIntegrity(bytes).blocked).toMatchObject({ code: 'ZIP_BOMB' })
    bytes.writeUInt32LE(8_000_001, central + 24)
    expect(checkIntegrity(bytes).blocked).toMatchObject({ code: 'BAD_PACKAGE' })
  })

  test('entries without end, and entries that share their data', () => {
    expect(codeOf(builtPackage(), { entries: 5 })).toBe('ZIP_BOMB')
    const bytes = Buffer.from(builtPackage())
    bytes.writeUInt32LE(bytes.length, bytes.lastIndexOf(sheet) - 46 + 20)
    expect(codeOf(bytes)).toBe('ZIP_BOMB')
  })

  test('more bytes than allowed', () => {
    expect(codeOf(builtPackage(), { fileBytes: 100 })).toBe('TOO_LARGE')
  })

  const declared = '<?xml version="1.0"?><!-- > --><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
  test.each([
    ['UTF-8', Buffer.from(declared)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${declared}`)],
    ['UTF-16 little endian', Buffer.from(`\uFEFF${declared}`, 'utf16le')],
    ['UTF-16 big endian', Buffer.from(`\uFEFF${declared}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(declared, 'utf16le')],
  ])('a document type in %s', (_, content) => {
    expect(codeOf(builtPackage('', { [sheet]: content }))).toBe('DOCTYPE')
    expect(codeOf(builtPackage('', { 'customXml/item1.xml': content }))).toBe('DOCTYPE')
  })

  test('but a cell may talk about document types', () => {
    const rows = '<row><c t="inlineStr"><is><t><![CDATA[<!DOCTYPE html>]]></t></is></c></row>'
    expect(codeOf(builtPackage(rows))).toBeNull()
  })
})

describe('what is encrypted is refused as such', () => {
  test('a workbook in an encrypted package', () => {
    expect(codeOf(compound({ EncryptionInfo: 'x', EncryptedPackage: 'y' }))).toBe('ENCRYPTED')
  })

  test('an xls file with a password', () => {
    expect(codeOf(fixture('password_2002_40_972000.xls'))).toBe('ENCRYPTED')
  })

  test('an OpenDocument with an encrypted part', () => {
    const manifest =
      '<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
    const parts = { mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'META-INF/manifest.xml': manifest }
    expect(codeOf(zipOf({ ...parts, 'content.xml': 'x' }))).toBe('ENCRYPTED')
  })

  test('a zip entry with a password', () => {
    const bytes = Buffer.from(builtPackage())
    const flags = bytes.lastIndexOf(sheet) - 46 + 8
    bytes.writeUInt16LE(bytes.readUInt16LE(flags) | 1, flags)
    expect(codeOf(bytes)).toBe('ENCRYPTED')
  })
})

test('no bytes make the gate throw', () => {
  verify(
    property(uint8Array({ maxLength: 4096 }), (bytes) => {
      expect(checkIntegrity(bytes).size).toBe(bytes.length)
    }),
  )
})

function compound(streams: Readonly<Record<string, string>>): Uint8Array {
  const file: unknown = CFB.utils.cfb_new()
  for (const [name, content] of Object.entries(streams))
    CFB.utils.cfb_add(file, `/${name}`, Buffer.from(content.repeat(5000)))
  return new Uint8Array(CFB.write(file, { type: 'buffer' }))
}
