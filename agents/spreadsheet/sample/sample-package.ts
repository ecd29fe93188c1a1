import { cellName, decodeCell } from '../reading/cell-range.ts'
import type { SampleCell, SampleSheet, SampleStyle } from './sample-sheet.ts'
import { writeZip } from './zip-writer.ts'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
const PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

const STYLES: readonly (readonly [style: SampleStyle, format: number])[] = [
  ['general', 0],
  ['whole', 3],
  ['percent', 10],
  ['date', 164],
  ['cents', 4],
]

/** Writes sheets as an xlsx file that every spreadsheet program opens. */
export function writeSamplePackage(
  sheets: readonly SampleSheet[],
  names: Readonly<Record<string, string>>,
): Uint8Array {
  const parts = sheets.map((_, i) => `worksheets/sheet${i + 1}.xml`)
  const files: Record<string, string> = {
    '[Content_Types].xml': contentTypes(parts),
    '_rels/.rels': relationships([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbook(sheets, names),
    'xl/_rels/workbook.xml.rels': relationships([
      ...parts.map((part) => ['worksheet', part] as const),
      ['styles', 'styles.xml'],
    ]),
    'xl/styles.xml': styles(),
  }
  for (const [i, sheet] of sheets.entries()) files[`xl/${parts[i]}`] = worksheet(sheet)
  return writeZip(files)
}

function contentTypes(parts: readonly string[]): string {
  const overrides = [
    ['workbook.xml', 'sheet.main+xml'],
    ['styles.xml', 'styles+xml'],
    ...parts.map((part) => [part, 'worksheet+xml'] as const),
  ].map(([part, type]) => `<Override PartName="/xl/${part}" ContentType="${TYPE}.${type}"/>`)
  const relations = 'application/vnd.openxmlformats-package.relationships+xml'
  return (
    `${PROLOG}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="${relations}"/>` +
    `<Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`
  )
}

function relationships(list: readonly (readonly [kind: string, target: string])[]): string {
  const rows = list.map(
    ([kind, target], i) => `<Relationship Id="rId${i + 1}" Type="${OFFICE}/${kind}" Target="${target}"/>`,
  )
  return `${PROLOG}<Relationships xmlns="${PACKAGE}/relationships">${rows.join('')}</Relationships>`
}

function workbook(sheets: readonly SampleSheet[], names: Readonly<Record<string, string>>): string {
  const list = sheets.map(({ name, state }, i) => {
    const hidden = state === 'hidden' ? ' state="hidden"' : ''
    return `<sheet name="${escaped(name)}" sheetId="${i + 1}"${hidden} r:id="rId${i + 1}"/>`
  })
  const defined = Object.entries(names).map(
    ([name, formula]) => `<definedName name="${name}">${escaped(formula)}</definedName>`,
  )
  return (
    `${PROLOG}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${list.join('')}</sheets>` +
    `<definedNames>${defined.join('')}</definedNames></workbook>`
  )
}

function styles(): string {
  const formats = STYLES.map(
    ([, id]) => `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
  )
  return (
    `${PROLOG}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>` +
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    `<cellXfs count="${formats.length}">${formats.join('')}</cellXfs></styleSheet>`
  )
}

function worksheet({ cells }: SampleSheet): string {
  const rows = new Map<number, [column: number, cell: SampleCell][]>()
  for (const [name, cell] of cells) {
    const { row, column } = decodeCell(name) ?? { row: 0, column: 0 }
    rows.set(row, [...(rows.get(row) ?? []), [column, cell]])
  }
  const data = [...rows]
    .toSorted(([a], [b]) => a - b)
    .map(([row, list]) => {
      const inOrder = list.toSorted(([a], [b]) => a - b)
      return `<row r="${row + 1}">${inOrder.map(([column, cell]) => cellXml(cellName(row, column), cell)).join('')}</row>`
    })
  return `${PROLOG}<worksheet xmlns="${MAIN}"><sheetData>${data.join('')}</sheetData></worksheet>`
}

function cellXml(name: string, { value, formula, style }: SampleCell): string {
  const index = STYLES.findIndex(([known]) => known === style)
  const look = index === 0 ? '' : ` s="${index}"`
  const f = formula === undefined ? '' : `<f>${escaped(formula)}</f>`
  if (typeof value === 'number') return `<c r="${name}"${look}>${f}<v>${value}</v></c>`
  if (value.startsWith('#')) return `<c r="${name}"${look} t="e">${f}<v>${value}</v></c>`
  if (formula !== undefined) return `<c r="${name}"${look} t="str">${f}<v>${escaped(value)}</v></c>`
  return `<c r="${name}"${look} t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
