import { strToU8, zipSync } from 'fflate'

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

/** The parts of a workbook with one sheet whose rows are given; each part can be replaced or, with null, left out. */
export function packageParts(
  rows = '<row r="1"><c r="A1"><v>1</v></c></row>',
  overrides: Readonly<Record<string, string | Uint8Array | null>> = {},
): Record<string, string | Uint8Array> {
  const parts: Record<string, string | Uint8Array | null> = {
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ' +
      'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    '_rels/.rels': relationsXml([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbookXml('<sheet name="One" sheetId="1" r:id="rId1"/>'),
    'xl/_rels/workbook.xml.rels': relationsXml([
      ['rId1', 'worksheet', 'worksheets/sheet1.xml'],
      ['rId2', 'sharedStrings', 'sharedStrings.xml'],
    ]),
    'xl/sharedStrings.xml': `<sst xmlns="${MAIN}"><si><t>plain</t></si><si><r><t>two </t></r><r><t>runs</t></r></si></sst>`,
    'xl/worksheets/sheet1.xml': sheetXml(rows),
    ...overrides,
  }
  return Object.fromEntries(Object.entries(parts).filter((part): part is [string, string] => part[1] !== null))
}

/** A zip of parts. */
export function zipOf(parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, typeof part === 'string' ? strToU8(part) : part]),
    ),
  )
}

export function builtPackage(...parts: Parameters<typeof packageParts>): Uint8Array {
  return zipOf(packageParts(...parts))
}

export function workbookXml(sheets: string, more = ''): string {
  return `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets}</sheets>${more}</workbook>`
}

export function sheetXml(rows: string, after = '', before = ''): string {
  return `<worksheet xmlns="${MAIN}" xmlns:r="${OFFICE}">${before}<sheetData>${rows}</sheetData>${after}</worksheet>`
}

/** Relationships; a target that begins with `!` is external. */
export function relationsXml(list: readonly (readonly [id: string, kind: string, target: string])[]): string {
  const rows = list.map(([id, kind, target]) => {
    const mode = target.startsWith('!') ? ' TargetMode="External"' : ''
    return `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target.replace(/^!/, '')}"${mode}/>`
  })
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${rows.join('')}</Relationships>`
}
