import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  columnIndex,
  columnName,
  formatAddress,
  formatCell,
  formatRange,
  maxColumns,
  maxRows,
  parseAddress,
  parseCell,
  parseRange,
  quoteSheet,
  unquoteSheet,
} from '../../../../agents/spreadsheet/formulas/cell-reference.ts'

const row = fc.integer({ min: 0, max: maxRows - 1 })
const column = fc.integer({ min: 0, max: maxColumns - 1 })

describe('cell references', () => {
  it('name every column once, and back', () => {
    expect([0, 25, 26, 701, 702, 16_383].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD'])
    fc.assert(fc.property(column, (at) => columnIndex(columnName(at)) === at))
  })

  it('survive the way to A1 and back', () => {
    fc.assert(
      fc.property(row, column, (r, c) => {
        expect(parseCell(formatCell(r, c))).toEqual({ row: r, column: c })
      }),
    )
  })

  it('refuse what lies outside of a sheet or is no reference', () => {
    for (const text of ['A0', 'A1048577', 'XFE1', 'AAAA1', '1A', 'A', '', 'A1B', '#REF!'])
      expect(parseCell(text)).toBeNull()
  })

  it('read ranges in any order, whole columns and whole rows', () => {
    expect(parseRange('B7:A1')).toEqual({ top: 0, left: 0, bottom: 6, right: 1 })
    expect(parseRange('$C:A')).toEqual({ top: 0, left: 0, bottom: maxRows - 1, right: 2 })
    expect(parseRange('5:$2')).toEqual({ top: 1, left: 0, bottom: 4, right: maxColumns - 1 })
    expect(parseRange('A:5')).toBeNull()
    expect(parseRange('A1:B2:C3')).toBeNull()
  })

  it('write ranges as people do', () => {
    for (const text of ['A1', 'A1:B2', 'A:C', '2:5'])
      expect(formatRange(parseRange(text) ?? { top: 9, left: 9, bottom: 9, right: 9 })).toBe(text)
  })

  it('quote sheets that need it, and only those', () => {
    expect(['Data', 'My sheet', "Bob's", 'A1', 'R1C1', '2024', 'Q1', 'é_1', 'TRUE'].map(quoteSheet)).toEqual([
      'Data',
      "'My sheet'",
      "'Bob''s'",
      "'A1'",
      "'R1C1'",
      "'2024'",
      "'Q1'",
      'é_1',
      "'TRUE'",
    ])
  })

  it('keep any sheet name through an address', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 31 }), row, column, (sheet, r, c) => {
        const range = { top: r, left: c, bottom: r, right: c }
        expect(parseAddress(formatAddress(sheet, range))).toEqual({ sheet, range })
        expect(unquoteSheet(quoteSheet(sheet))).toBe(sheet.startsWith("'") && sheet.length === 1 ? "'" : sheet)
      }),
    )
  })
})
