import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { checkIntegrity } from '../../../../agents/spreadsheet/reading/integrity.ts'
import { describeStructure } from '../../../../agents/spreadsheet/reading/structure.ts'
import { readWorkbook } from '../../../../agents/spreadsheet/reading/workbook-reader.ts'
import type { Sheet, Workbook } from '../../../../agents/spreadsheet/workbook.ts'
import { builtPackage, relationsXml, sheetXml, workbookXml, zipOf } from './built-package.ts'
import { independentCount } from './independent-count.ts'

const SHEET = 'xl/worksheets/sheet1.xml'
const fixture = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/workbooks/${name}`, import.meta.url))

describe('the same counts as a reader that shares nothing with ours', () => {
  test.each([
    'BlankSheetTypes.xlsm',
    'ErrorTypes.xlsx',
    'closedxml-chartsheetandpivottable.xlsx',
    'closedxml-datatableformula-excel-input.xlsx',
    'closedxml-datavalidationdecimal.xlsx',
    'closedxml-external-refs.xlsx',
    'closedxml-tableheaderswithlinebreaks.xlsx',
    'comments_stress_test.xlsx',
    'eg_spreadsheets.xlsx',
    'number_format.xlsm',
    'sheet_visibility_strict.xlsx',
    'threaded_comments_none.xlsx',
  ])('%s', (name) => {
    const bytes = fixture(name)
    const ours = describeStructure(opened(bytes)).sheets
    expect(ours.map(({ name, cells, formulas }) => ({ name, cells, formulas }))).toEqual(independentCount(bytes))
  })

  test('one workbook saved in four formats has one content', () => {
    const [xlsx, ...others] = ['xlsx', 'xlsb', 'xls', 'ods'].map((type) => {
      const { sheets } = describeStructure(opened(fixture(`comments_stress_test.${type}`)))
      return sheets.map(({ name, cells, formulas, comments }) => ({ name, cells, formulas, comments }))
    })
    expect(others).toEqual([xlsx, xlsx, xlsx])
  })
})

describe('a package is read by its relationships, not by habit', () => {
  test('prefixed elements, absolute targets and other folders', () => {
    const bytes = builtPackage('', {
      [SHEET]: null,
      'xl/workbook.xml': null,
      'xl/_rels/workbook.xml.rels': null,
      '_rels/.rels': relationsXml([['r', 'officeDocument', '/book/main.xml']])
        .replaceAll(/<(\/?)(?=R)/g, '<$1p:')
        .replace('xmlns=', 'xmlns:p='),
      'book/main.xml': workbookXml('<sheet name="A&amp;B" sheetId="9" r:id="s"/>')
        .replaceAll(/<(\/?)/g, '<$1x:')
        .replace('xmlns=', 'xmlns:x='),
      'book/_rels/main.xml.rels': relationsXml([['s', 'worksheet', '/cells/a%20b.xml']]),
      'cells/a b.xml':
        '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="b"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
    })
    expect(opened(bytes).sheets).toMatchObject([{ name: 'A&B', rows: [[{ type: 'boolean', value: true }]] }])
  })

  test('strict files with hidden and very hidden sheets', () => {
    const { sheets } = opened(fixture('sheet_visibility_strict.xlsx'))
    expect(sheets.map((sheet) => sheet.state)).toEqual(['visible', 'hidden', 'veryHidden'])
  })

  test('chart sheets, dialog sheets and macro sheets are told apart', () => {
    expect(opened(fixture('BlankSheetTypes.xlsm')).sheets.map((sheet) => sheet.kind)).toEqual([
      'worksheet',
      'chartsheet',
      'macrosheet',
      'dialogsheet',
    ])
    const { sheets } = opened(fixture('closedxml-chartsheetandpivottable.xlsx'))
    expect(sheets.map(({ kind, pivots, charts }) => [kind, pivots, charts])).toEqual([
      ['worksheet', 0, 0],
      ['worksheet', 1, 0],
      ['chartsheet', 0, 1],
    ])
  })

  test('a sheet in UTF-16', () => {
    const xml = Buffer.from(`\uFEFF${sheetXml('<row><c t="inlineStr"><is><t>größe</t></is></c></row>')}`, 'utf16le')
    expect(only(builtPackage('', { [SHEET]: xml })).rows[0]?.[0]?.value).toBe('größe')
  })

  test('external links keep the order formulas number them by', () => {
    const links = ['<externalReference r:id="b"/>', '<externalReference r:id="a"/>']
    const link = '<externalLink xmlns:r="x"><externalBook r:id="p"/></externalLink>'
    const workbook = opened(
      builtPackage('', {
        'xl/workbook.xml': workbookXml(
          '<sheet name="One" sheetId="1" r:id="rId1"/>',
          `<externalReferences>${links.join('')}</externalReferences><calcPr calcMode="manual" iterate="1"/>`,
        ),
        'xl/_rels/workbook.xml.rels': relationsXml([
          ['a', 'externalLink', 'externalLinks/externalLink1.xml'],
          ['b', 'externalLink', 'externalLinks/externalLink2.xml'],
          ['rId1', 'worksheet', 'worksheets/sheet1.xml'],
        ]),
        'xl/externalLinks/externalLink1.xml': link,
        'xl/externalLinks/externalLink2.xml': link,
        'xl/externalLinks/_rels/externalLink1.xml.rels': relationsXml([['p', 'externalLinkPath', '!first.xlsx']]),
        'xl/externalLinks/_rels/externalLink2.xml.rels': relationsXml([['p', 'externalLinkPath', '!second.xlsx']]),
      }),
    )
    expect(workbook.externalLinks).toEqual(['second.xlsx', 'first.xlsx'])
    expect(workbook.calculation).toEqual({ mode: 'manual', iterative: true })
  })

  test('names know their sheet, and whether they are hidden; print areas are no names of the user', () => {
    const names =
      '<definedNames><definedName name="Rate">One!$A$1</definedName>' +
      '<definedName name="Gone" localSheetId="0" hidden="1">#REF!</definedName>' +
      '<definedName name="_xlnm.Print_Area" localSheetId="0">#REF!</definedName></definedNames>'
    const workbook = opened(
      builtPackage('', { 'xl/workbook.xml': workbookXml('<sheet name="One" sheetId="1" r:id="rId1"/>', names) }),
    )
    expect(workbook.names).toEqual([
      { name: 'Rate', formula: 'One!$A$1', hidden: false },
      { name: 'Gone', formula: '#REF!', hidden: true, sheet: 'One' },
      { name: '_xlnm.Print_Area', formula: '#REF!', hidden: false, sheet: 'One' },
    ])
    expect(describeStructure(workbook, new Set(['RATE'])).names).toEqual({
      total: 2,
      hidden: ['Gone'],
      broken: ['Gone'],
      unused: ['Gone'],
    })
  })
})

describe('what hangs on a sheet is counted', () => {
  test('a thread is one comment, though it is written twice', () => {
    expect(opened(fixture('threaded_comments_none.xlsx')).sheets.map((sheet) => sheet.comments)).toEqual([1])
  })

  test('tables with the names of their columns, as their header cells show them', () => {
    const { sheets } = opened(fixture('closedxml-tableheaderswithlinebreaks.xlsx'))
    const table = sheets[0]?.tables[0]
    const header = sheets[0]?.rows[table?.range.top ?? 0] ?? []
    expect(table?.columns.length).toBeGreaterThan(3)
    expect(table?.columns).toEqual(header.slice(table?.range.left).map((cell) => cell?.value))
    expect(table).toMatchObject({ headerRow: true, totalsRow: true })
  })

  test('merges, validations, rules, protection and what is hidden', () => {
    const after =
      '<sheetProtection sheet="1"/><mergeCells><mergeCell ref="B2:C3"/></mergeCells>' +
      '<conditionalFormatting sqref="A1"><cfRule type="dataBar"><extLst><ext><x14:id>{1}</x14:id></ext></extLst></cfRule>' +
      '<cfRule type="expression"/></conditionalFormatting><dataValidations count="2"><dataValidation sqref="A1"/>' +
      '<dataValidation sqref="A2"/></dataValidations><extLst><ext><x14:cfRule type="dataBar" id="{1}"/></ext></extLst>'
    const xml = sheetXml(
      '<row r="2" hidden="1"/><row r="3" hidden="true"/><row r="4"/>',
      after,
      '<cols><col min="2" max="4" hidden="1"/></cols>',
    )
    expect(only(builtPackage('', { [SHEET]: xml }))).toMatchObject({
      merges: [{ top: 1, left: 1, bottom: 2, right: 2 }],
      validations: 2,
      conditionalFormats: 2,
      protected: true,
      hiddenRows: 2,
      hiddenColumns: 3,
    })
  })
})

describe('a part that is no sheet is not taken for an empty one', () => {
  test.each([
    ['just words'],
    [''],
    ['<html><body/></html>'],
    ['<styleSheet><sheetData/></styleSheet>'],
    ['words <worksheet><sheetData/></worksheet>'],
    ['<!-- <worksheet/> -->'],
  ])('%j', (xml) => {
    const bytes = builtPackage('', { [SHEET]: xml })
    expect(readWorkbook(bytes, checkIntegrity(bytes)).blocked).toMatchObject({
      code: 'BAD_PACKAGE',
      reason: expect.stringContaining(SHEET),
    })
  })

  test.each([
    ['<?xml version="1.0"?><!-- hello --><worksheet/>'],
    ['<x:worksheet xmlns:x="y"><x:sheetData/></x:worksheet>'],
    ['<chartsheet/>'],
    ['<dialogsheet/>'],
    ['<xm:macrosheet xmlns:xm="y"/>'],
  ])('but %j is a sheet', (xml) => {
    expect(opened(builtPackage('', { [SHEET]: xml })).sheets).toHaveLength(1)
  })
})

describe('a name with half a character', () => {
  test('is mended, in the list of sheets and in formulas', () => {
    const name = 'a&#xD800;b'
    const { sheets } = opened(
      builtPackage(`<row r="1"><c r="A1"><f>'${name}'!B1</f><v>1</v></c></row>`, {
        'xl/workbook.xml': workbookXml(`<sheet name="${name}" sheetId="1" r:id="rId1"/>`),
      }),
    )
    expect(sheets[0]?.name).toBe('a\ufffdb')
    expect(sheets[0]?.rows[0]?.[0]?.formula).toBe("'a\ufffdb'!B1")
  })

  test('but two halves written apart are one', () => {
    const xml = workbookXml('<sheet name="&#xD83D;&#xDE00;" sheetId="1" r:id="rId1"/>')
    expect(opened(builtPackage('', { 'xl/workbook.xml': xml })).sheets[0]?.name).toBe('😀')
  })
})

describe('a strange file is blocked with a reason, never a crash', () => {
  test.each([
    ['a sheet without its part', { [SHEET]: null }, 'has no part'],
    [
      'two sheets on one part',
      {
        'xl/workbook.xml': workbookXml('<sheet name="A" r:id="rId1"/><sheet name="B" r:id="rId1"/>'),
      },
      'share the part',
    ],
    [
      'two sheets of one name',
      { 'xl/workbook.xml': workbookXml('<sheet name="A" r:id="rId1"/><sheet name="a" r:id="rId2"/>') },
      'Two sheets',
    ],
    ['a string that is not there', { [SHEET]: sheetXml('<row><c t="s"><v>99</v></c></row>') }, 'shared string 99'],
    ['a cell outside of the grid', { [SHEET]: sheetXml('<row><c r="ZZZ1"><v>1</v></c></row>') }, 'ZZZ1'],
    ['a row outside of the grid', { [SHEET]: sheetXml('<row r="4000000000"><c><v>1</v></c></row>') }, 'outside'],
    ['elements without end', { 'xl/workbook.xml': '<a>'.repeat(50_000) }, ''],
  ])('%s', (_, overrides, reason) => {
    const bytes = builtPackage('', overrides)
    const { blocked, workbook } = readWorkbook(bytes, checkIntegrity(bytes))
    expect(workbook).toBeNull()
    expect(blocked?.reason).toContain(reason)
  })

  test('what the gate blocked stays blocked', () => {
    const bytes = fixture('password_2002_40_972000.xls')
    expect(readWorkbook(bytes, checkIntegrity(bytes)).blocked?.code).toBe('ENCRYPTED')
  })

  test('a binary workbook whose counts would fill any memory', () => {
    const parts = unzipSync(fixture('comments_stress_test.xlsb'))
    const comments = Buffer.from(parts['xl/comments1.bin'] ?? [])
    const text = comments.indexOf(Buffer.of(0xfd, 0x04)) + 3
    const runs = text + 5 + 2 * comments.readUInt32LE(text + 1)
    expect(comments.readUInt32LE(runs)).toBeLessThan(10)
    comments.writeUInt32LE(0x7fffffff, runs)
    const bytes = zipOf({ ...parts, 'xl/comments1.bin': comments })
    expect(readWorkbook(bytes, checkIntegrity(bytes)).blocked?.code).toBe('UNREADABLE')
  })

  test('an OpenDocument whose repeats unfold to more cells than there is memory', () => {
    const cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    const bytes = openDocument(`<table:table-row table:number-rows-repeated="1048576">${cell}</table:table-row>`)
    expect(readWorkbook(bytes, checkIntegrity(bytes)).blocked?.code).toBe('TOO_LARGE')
  })
})

test('OpenDocument formulas are kept without a cached value, and in A1 notation', () => {
  const formula = 'table:formula="of:=SUM([.A1:.B2])"'
  const bytes = openDocument(
    `<table:table-row><table:table-cell ${formula}/><table:table-cell ${formula} office:value-type="float" office:value="3"/></table:table-row>`,
  )
  expect(only(bytes).rows[0]).toEqual([
    { type: 'empty', value: null, formula: 'SUM(A1:B2)' },
    { type: 'number', value: 3, formula: 'SUM(A1:B2)' },
  ])
})

function openDocument(rows: string): Uint8Array {
  return zipOf({
    mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
    'META-INF/manifest.xml': '<manifest:manifest/>',
    'content.xml': `<office:document-content><office:body><office:spreadsheet><table:table table:name="T">${rows}</table:table></office:spreadsheet></office:body></office:document-content>`,
  })
}

function opened(bytes: Uint8Array): Workbook {
  const { blocked, workbook } = readWorkbook(bytes, checkIntegrity(bytes))
  if (workbook === null) throw new Error(blocked.reason)
  return workbook
}

function only(bytes: Uint8Array): Sheet {
  return opened(bytes).sheets[0] as Sheet
}
