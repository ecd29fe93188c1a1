import { assert as verify, array, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../../../agents/spreadsheet/reading/refusal.ts'
import { scanSheetCells } from '../../../../agents/spreadsheet/reading/sheet-cell-scanner.ts'
import { sheetSections } from '../../../../agents/spreadsheet/reading/xml-scan.ts'
import type { Cell } from '../../../../agents/spreadsheet/workbook.ts'
import { sheetXml } from './built-package.ts'

const context = { strings: ['plain', 'two runs'], formats: [undefined, 'yyyy-mm-dd'], date1904: false }
const scan = (rows: string, more = context): ReturnType<typeof scanSheetCells> =>
  scanSheetCells(sheetSections(sheetXml(rows)), more)
const cellOf = (xml: string): Cell | undefined => scan(`<row r="1">${xml}</row>`).rows[0]?.[0]
const formulaOf = (rows: string, row: number, column: number): string | undefined =>
  scan(rows).rows[row]?.[column]?.formula

describe('a cell is what its XML says', () => {
  test.each([
    ['<c r="A1"><v>1.5e3</v></c>', { type: 'number', value: 1500 }],
    ['<c r="A1" s="1"><v>45000</v></c>', { type: 'number', value: 45_000, format: 'yyyy-mm-dd' }],
    ['<c r="A1" t="s"><v>1</v></c>', { type: 'text', value: 'two runs' }],
    ['<c r="A1" t="b"><v>0</v></c>', { type: 'boolean', value: false }],
    ['<c r="A1" t="e"><v>#N/A</v></c>', { type: 'error', value: '#N/A' }],
    ['<c r="A1" t="e"><v>#SPILL!</v></c>', { type: 'error', value: '#SPILL!' }],
    ['<c r="A1" t="d"><v>2024-02-29T12:00:00</v></c>', { type: 'number', value: 45_351.5 }],
    ['<c r="A1" t="str"><v>a&lt;b&#10;_x0041_</v></c>', { type: 'text', value: 'a<b\nA' }],
    ['<c r="A1" t="str"><v></v></c>', { type: 'text', value: '' }],
    ['<c r="A1" t="inlineStr"><is><t><![CDATA[<x>]]></t></is></c>', { type: 'text', value: '<x>' }],
    ['<c r="A1" t="inlineStr"><is><t>東</t><rPh><t>とう</t></rPh></is></c>', { type: 'text', value: '東' }],
    ['<c r="A1"><f>1+1</f><v>2</v></c>', { type: 'number', value: 2, formula: '1+1' }],
    ['<c r="A1"><f>1+1</f></c>', { type: 'empty', value: null, formula: '1+1' }],
    [
      '<c r="A1"><f>=_xlfn.XLOOKUP(1,_xlfn._xlws.SORT(B:B),C:C)</f><v/></c>',
      { type: 'empty', value: null, formula: 'XLOOKUP(1,SORT(B:B),C:C)' },
    ],
    ["<x:c s = '0' r = 'A1'><x:v>7</x:v></x:c>", { type: 'number', value: 7 }],
  ])('%s', (xml, cell) => {
    expect(cellOf(xml)).toEqual(cell)
  })

  test.each(['<c r="A1" s="1"/>', '<c r="A1" s="1"></c>', '<c r="A1" t="s"><v/></c>', '<c r="A1" t="str"/>'])(
    'a styled blank is no cell: %s',
    (xml) => {
      expect(scan(`<row r="1">${xml}</row>`)).toEqual({ rows: [], used: null, hiddenRows: 0 })
    },
  )

  test('cells and rows without a reference follow the one before', () => {
    const { rows, used } = scan(
      '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>',
    )
    expect(rows[0]?.[4]).toEqual({ type: 'number', value: 3 })
    expect(used).toEqual({ top: 0, left: 0, bottom: 1, right: 4 })
  })

  test('a date of the 1904 calendar', () => {
    const { rows } = scan('<row><c t="d"><v>1904-01-02</v></c></row>', { ...context, date1904: true })
    expect(rows[0]?.[0]?.value).toBe(1)
  })
})

describe('a shared formula is translated for each of its cells', () => {
  const shared = (formula: string): string =>
    `<row r="2"><c r="B2"><f t="shared" ref="B2:C3" si="0">${formula}</f></c><c r="C2"><f t="shared" si="0"/></c></row>` +
    '<row r="3"><c r="C3"><f t="shared" si="0"></f></c></row>'

  test.each([
    ['A1+$A1+A$1+$A$1', 'B2+$A2+B$1+$A$1'],
    ['&quot;A1&quot;&amp;A1', '"A1"&B2'],
    ['LOG10(A1)', 'LOG10(B2)'],
    ["'Q1 A1'!A1:B2", "'Q1 A1'!B2:C3"],
    ['SUM(A:A)+SUM($A:A)+SUM(1:1)+SUM($1:1)', 'SUM(B:B)+SUM($A:B)+SUM(2:2)+SUM($1:2)'],
    ['Table1[A1]+[1]Data!A1+Tax_2024', 'Table1[A1]+[1]Data!B2+Tax_2024'],
    ['XFD1048576', 'A1'],
  ])('%s becomes %s one row down and one column right', (master, member) => {
    expect(formulaOf(shared(master), 2, 2)).toBe(member)
  })

  test('even before the cell that carries it was read', () => {
    const rows =
      '<row r="1"><c r="A1"><f t="shared" si="3"/></c></row><row r="2"><c r="A2"><f t="shared" si="3">B2*2</f></c></row>'
    expect(formulaOf(rows, 0, 0)).toBe('B1*2')
  })

  test('and without one the value stays a constant', () => {
    const rows = scan('<row><c><f t="shared" si="3"/><v>5</v></c><c><f t="shared" si="4"/></c></row>').rows
    expect(rows[0]?.filter((cell) => cell !== undefined)).toEqual([{ type: 'number', value: 5 }])
  })
})

describe('cells of a block know its range', () => {
  const range = { top: 0, left: 0, bottom: 1, right: 0 }

  test('an array formula', () => {
    const { rows } = scan(
      '<row><c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f><v>2</v></c></row><row><c r="A2"><v>4</v></c></row>',
    )
    expect([rows[0]?.[0], rows[1]?.[0]]).toEqual([
      { type: 'number', value: 2, formula: 'B1:B2*2', array: range },
      { type: 'number', value: 4, array: range },
    ])
  })

  test.each([
    ['dt2D="1" dtr="1" r1="B1" r2="B2"', 'TABLE(B1,B2)'],
    ['dtr="1" r1="B1"', 'TABLE(B1,)'],
    ['r1="B1"', 'TABLE(,B1)'],
  ])('a data table with %s is %s', (attributes, formula) => {
    const { rows } = scan(`<row><c r="A1"><f t="dataTable" ref="A1:A2" ${attributes}/><v>1</v></c></row>`)
    expect(rows[0]?.[0]).toEqual({ type: 'number', value: 1, formula, array: range })
  })

  test('ranges that overlap without end are refused', () => {
    const one = '<f t="array" ref="A1:XFD1048576">1</f>'
    const rows = Array.from({ length: 3000 }, (_, i) => `<row r="${i + 1}"><c r="XFD${i + 1}">${one}</c></row>`)
    expect(() => scan(rows.join(''))).toThrow('overlap')
  })
})

describe('size is what is there, not what is declared', () => {
  test('the corners of the grid cost two cells', () => {
    const xml = sheetXml(
      '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
      '',
      '<dimension ref="A1:XFD1048576"/>',
    )
    const { rows, used } = scanSheetCells(sheetSections(xml), context)
    expect(used).toEqual({ top: 0, left: 0, bottom: 1_048_575, right: 16_383 })
    expect(Object.keys(rows)).toEqual(['0', '1048575'])
  })

  test('broken XML of any length is read or refused', () => {
    for (const piece of ['<c>', '<c ', '<row', '<c r="', '<![CDATA[', '<!--', '<f t="shared">', '<v']) {
      expect(outcome(piece.repeat(200_000))).toBe('read or refused')
    }
  })

  test('no XML makes the scanner fail in another way than by a refusal', () => {
    const pieces = [
      '<row>',
      '</row>',
      '<c r="A1"',
      ' t="s"',
      '>',
      '</c>',
      '<v>',
      '0',
      '</v>',
      '<f',
      ' si="1"',
      '/>',
      '<is>',
      '<t>',
      '"',
    ]
    verify(
      property(array(constantFrom(...pieces), { maxLength: 30 }), (list) => {
        expect(outcome(list.join(''))).toBe('read or refused')
      }),
    )
  })
})

function outcome(rows: string): string {
  try {
    scan(rows)
    return 'read or refused'
  } catch (error) {
    return error instanceof Refusal ? 'read or refused' : String(error)
  }
}
