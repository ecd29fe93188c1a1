import { describe, expect, test } from 'vitest'
import { profileContent } from '../../../../agents/spreadsheet/content/content-profile.ts'
import { detectTables } from '../../../../agents/spreadsheet/content/table-detection.ts'
import { formatRange } from '../../../../agents/spreadsheet/formulas/cell-reference.ts'
import type { Sheet } from '../../../../agents/spreadsheet/workbook.ts'
import { type BuiltCell, type BuiltExtras, workbookOf } from '../workbook-builder.ts'

function sheetOf(cells: Record<string, BuiltCell>, extras: BuiltExtras = {}): Sheet {
  return workbookOf({ Data: cells }, extras).sheets[0] as Sheet
}

/** Rows of cells from a corner: `grid('B', 3, [['Item', 'Amount'], ['Nut', 5]])`. */
function grid(
  letter: string,
  top: number,
  rows: readonly (readonly (BuiltCell | null)[])[],
): Record<string, BuiltCell> {
  const cells: Record<string, BuiltCell> = {}
  rows.forEach((row, down) => {
    row.forEach((value, right) => {
      if (value !== null) cells[`${String.fromCharCode(letter.charCodeAt(0) + right)}${top + down}`] = value
    })
  })
  return cells
}

const items = [
  ['Item', 'Amount', 'Price'],
  ['Nut', 5, 1.5],
  ['Bolt', 7, 2.5],
  ['Screw', 9, 3.5],
] as const

describe('tables on messy sheets', () => {
  test('the header is found below a title and notes', () => {
    const [table, ...more] = detectTables(sheetOf({ ...grid('B', 4, items), B1: 'Stock report', B3: 'all in pieces' }))
    expect(more).toEqual([])
    expect(table).toMatchObject({ headers: ['Item', 'Amount', 'Price'], hasHeader: true, hasTotals: false })
    expect(formatRange(table?.range ?? { top: 0, left: 0, bottom: 0, right: 0 })).toBe('B4:D7')
  })

  test('several tables on one sheet are told apart by blank rows and columns', () => {
    const sheet = sheetOf({ ...grid('A', 1, items), ...grid('F', 1, items), ...grid('A', 8, items) })
    expect(detectTables(sheet).map((table) => formatRange(table.range))).toEqual(['A1:C4', 'F1:H4', 'A8:C11'])
  })

  test('a spacer row does not end a table', () => {
    const sheet = sheetOf({
      ...grid('A', 1, items),
      ...grid('A', 6, [
        ['Cog', 1, 2],
        ['Cam', 3, 4],
      ]),
    })
    expect(detectTables(sheet).map((table) => formatRange(table.range))).toEqual(['A1:C7'])
  })

  test('a totals row is not data', () => {
    const [table] = detectTables(sheetOf(grid('A', 1, [...items, ['Total', '=SUM(B2:B4)', null]])))
    expect(table?.hasTotals).toBe(true)
    expect(formatRange(table?.body ?? { top: 0, left: 0, bottom: 0, right: 0 })).toBe('A2:C4')
  })

  test('years head columns', () => {
    const [table] = detectTables(
      sheetOf(
        grid('A', 1, [
          ['Region', 2022, 2023],
          ['North', 10.5, 11],
          ['South', 12.5, 13],
        ]),
      ),
    )
    expect(table?.headers).toEqual(['Region', '2022', '2023'])
  })

  test('stacked headers are read together', () => {
    const [table] = detectTables(
      sheetOf(
        grid('A', 1, [
          ['Region', 'Plan', 'Plan'],
          ['', 'Q1', 'Q2'],
          ['North', 10.5, 11],
          ['South', 12.5, 13],
        ]),
      ),
    )
    expect(table?.headers).toEqual(['Region', 'Plan / Q1', 'Plan / Q2'])
  })

  test('a structured table keeps its name and columns', () => {
    const sheet = sheetOf(grid('A', 1, items), {
      tables: { Data: [{ name: 'Stock', range: 'A1:C4', columns: ['Item', 'Amount', 'Price'] }] },
    })
    expect(detectTables(sheet)).toMatchObject([{ name: 'Stock', headers: ['Item', 'Amount', 'Price'] }])
  })

  test('a note, an empty sheet and two far cells are no tables', () => {
    expect(detectTables(sheetOf({ A1: 'Please read' }))).toEqual([])
    expect(detectTables(sheetOf({}))).toEqual([])
    expect(detectTables(sheetOf({ A1: 1, XFD1048576: 2 }))).toEqual([])
  })
})

describe('column profiles', () => {
  const people = grid('A', 1, [
    ['Customer ID', 'E-mail', 'Joined', 'Discount', 'Spent'],
    [
      101,
      'ann@example.org',
      { formula: 'DATE(2024,1,1)', cached: 45292, format: 'yyyy-mm-dd' },
      { formula: '5%', cached: 0.05, format: '0%' },
      12.5,
    ],
    [
      102,
      'bob@example.org',
      { formula: 'DATE(2024,1,2)', cached: 45293, format: 'yyyy-mm-dd' },
      { formula: '5%', cached: 0.05, format: '0%' },
      'n/a',
    ],
    [
      103,
      null,
      { formula: 'DATE(2024,1,3)', cached: 45294, format: 'yyyy-mm-dd' },
      { formula: '6%', cached: 0.06, format: '0%' },
      '14',
    ],
    [
      104,
      'dan@example.org',
      { formula: 'DATE(2024,1,4)', cached: 45295, format: 'yyyy-mm-dd' },
      { formula: '6%', cached: 0.06, format: '0%' },
      '#N/A',
    ],
  ])

  test('tell patterns, completeness, uniqueness and consistency', () => {
    const columns = profileContent(sheetOf(people)).tables[0]?.columns ?? []
    expect(columns.map((column) => column.pattern)).toEqual(['id', 'email', 'date', 'percentage', 'text'])
    expect(columns.map((column) => column.completeness)).toEqual([1, 0.75, 1, 1, 1])
    expect(columns.map((column) => column.uniqueness)).toEqual([1, 1, 1, 0.5, 1])
    expect(columns[4]).toMatchObject({ type: 'mixed', errors: 1, numbersAsText: 1, consistency: 0.5 })
  })

  test('note personal data by column and never repeat it', () => {
    const content = profileContent(sheetOf(people))
    expect(content.personalData).toEqual(['e-mail: E-mail (column B:B)'])
    expect(JSON.stringify(content)).not.toContain('example.org')
  })

  test('score clean data as excellent and broken data lower', () => {
    expect(profileContent(sheetOf(grid('A', 1, items))).quality).toEqual({ score: 100, label: 'excellent' })
    const dirty = grid('A', 1, [
      ['Item', 'Amount'],
      ['Nut', '#REF!'],
      ['Bolt', '7'],
      [null, 3],
      ['Cog', null],
    ])
    expect(profileContent(sheetOf(dirty)).quality?.score).toBeLessThan(75)
  })
})
