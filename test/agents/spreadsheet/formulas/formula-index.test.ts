import { describe, expect, it } from 'vitest'
import { formulaAt, formulasUsing, indexFormulas } from '../../../../agents/spreadsheet/formulas/formula-index.ts'
import { workbookOf } from '../workbook-builder.ts'

const workbook = workbookOf(
  {
    One: { A1: 1, B1: '=A1*Rate', B2: '=A2*Rate', B3: '=SUM(B1:B2)', C3: '=SUM(C1:C2)', D1: '=SUM(' },
    Two: {
      B1: '=A1*Rate',
      A9: { formula: 'ROW(1:2)', array: 'A9:A10' },
      A10: { formula: 'ROW(1:2)', array: 'A9:A10' },
    },
  },
  { names: { Rate: 'One!$A$1' } },
)
const index = indexFormulas(workbook)

describe('the index of formulas', () => {
  it('numbers all formulas in the order of sheets, rows and columns', () => {
    expect(index.count).toBe(8)
    expect([...index.sheetStart]).toEqual([0, 5, 8])
    expect(formulaAt(index, 0, 1, 1)).toBe(2)
    expect(formulaAt(index, 0, 0, 0)).toBe(-1)
    expect(formulaAt(index, 1, 9, 0)).toBe(7)
  })

  it('keeps each distinct formula once with all its cells', () => {
    expect(index.uniques.map((one) => [one.r1c1, [...one.cells]])).toEqual([
      ['RC[-1]*Rate', [0, 2, 5]],
      ['SUM(', [1]],
      ['SUM(R[-2]C:R[-1]C)', [3, 4]],
      ['ROW(R[-8]:R[-7])', [6, 7]],
    ])
  })

  it('counts the cells of an array formula from its first cell', () => {
    expect([index.baseRow[7], index.row[7]]).toEqual([8, 9])
  })

  it('finds formulas by function and by name', () => {
    expect(formulasUsing(index, 'sum')).toEqual([3, 4])
    expect(index.names.get('rate')?.map((one) => one.cells.length)).toEqual([3])
  })

  it('lists what cannot be parsed with its problem', () => {
    expect(index.unparseable).toMatchObject([{ formula: 1, text: 'SUM(', problem: expect.any(String) }])
  })
})
