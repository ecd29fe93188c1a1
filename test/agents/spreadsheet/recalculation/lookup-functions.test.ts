import { describe, expect, it } from 'vitest'
import { evaluated, evaluatedAll } from './evaluated.ts'
import type { BuiltCell } from '../workbook-builder.ts'

const cells: Record<string, BuiltCell> = {}
for (let row = 1; row <= 40; row += 1) {
  cells[`A${row}`] = row * 10
  cells[`B${row}`] = `Item ${row}`
  cells[`C${row}`] = row / 4
}
const short = { A1: 1, A2: 3, A3: 5, A4: 'x', B1: 'one', B2: 'three', B3: 'five', B4: 'ex', D1: 3, D2: 2, D3: 1 }

describe('lookups', () => {
  it('find exact values in short and long lists alike', async () => {
    expect(
      await evaluatedAll(['VLOOKUP(3,A1:B4,2,FALSE)', 'VLOOKUP("X",A1:B4,2,0)', 'VLOOKUP(4,A1:B4,2,FALSE)'], short),
    ).toEqual(['three', 'ex', '#N/A'])
    expect(
      await evaluatedAll(
        ['VLOOKUP(250,A1:C40,2,FALSE)', 'MATCH("item 7",B1:B40,0)', 'VLOOKUP(255,A:C,2,FALSE)'],
        cells,
      ),
    ).toEqual(['Item 25', 7, '#N/A'])
  })

  it('find the value below in sorted lists', async () => {
    const formulas = [
      'VLOOKUP(4,A1:B4,2)',
      'VLOOKUP(0,A1:B4,2)',
      'MATCH(99,A1:A4)',
      'MATCH(2.5,D1:D3,-1)',
      'LOOKUP(4,A1:A4,B1:B4)',
      'MATCH(255,A1:A3,1)',
    ]
    expect(await evaluatedAll(formulas, short)).toEqual(['three', '#N/A', 3, 1, 'three', 3])
    expect(await evaluatedAll(['VLOOKUP(255,A1:C40,2)', 'MATCH(9.9,C1:C40)'], cells)).toEqual(['Item 25', 39])
  })

  it('know wildcards, and columns that are not there', async () => {
    expect(
      await evaluatedAll(
        ['VLOOKUP("t*",B1:D4,3,FALSE)', 'MATCH("?x",B1:B4,0)', 'VLOOKUP(1,A1:B4,3,FALSE)', 'VLOOKUP(1,A1:B4,0,FALSE)'],
        short,
      ),
    ).toEqual([2, 4, '#REF!', '#VALUE!'])
  })

  it('take rows as well as columns', async () => {
    const row = { A1: 1, B1: 2, C1: 3, A2: 'x', B2: 'y', C2: 'z' }
    expect(
      await evaluatedAll(
        ['HLOOKUP(2,A1:C2,2,FALSE)', 'INDEX(A2:C2,3)', 'MATCH(2,A1:C1,0)', 'SUM(INDEX(A1:C2,1,0))'],
        row,
      ),
    ).toEqual(['y', 'z', 2, 6])
  })

  it('give references from INDEX, OFFSET and INDIRECT', async () => {
    const formulas = [
      'SUM(OFFSET(A1,1,0,2,1))',
      'SUM(OFFSET(A3,0,0,-3))',
      'INDIRECT("B"&2)',
      'SUM(INDIRECT("Sheet1!A1:A3"))',
      'OFFSET(A1,-1,0)',
      'INDIRECT("Nowhere!A1")',
    ]
    expect(await evaluatedAll(formulas, short)).toEqual([8, 9, 'three', 9, '#REF!', '#REF!'])
  })

  it('look in both directions and say what is missing', async () => {
    const formulas = [
      'XLOOKUP(5,A1:A4,B1:B4)',
      'XLOOKUP(4,A1:A4,B1:B4,"none")',
      'XLOOKUP(4,A1:A4,B1:B4,,-1)',
      'XLOOKUP(4,A1:A4,B1:B4,,1)',
      'XMATCH("f*",B1:B4,2)',
    ]
    expect(await evaluatedAll(formulas, short)).toEqual(['five', 'none', 'three', 'five', 3])
  })

  it('choose by number and know where cells are', async () => {
    const formulas = [
      'CHOOSE(2,1/0,"b")',
      'CHOOSE(3,1,2)',
      'ROW(C7)',
      'COLUMN(C7)',
      'ROWS(A1:B9)',
      'COLUMNS(A:C)',
      'ADDRESS(2,3)',
      'ADDRESS(2,3,4,TRUE,"My sheet")',
    ]
    expect(await evaluatedAll(formulas)).toEqual(['b', '#VALUE!', 7, 3, 9, 3, '$C$2', "'My sheet'!C2"])
  })

  it('match by several conditions in an array', async () => {
    expect(await evaluated('INDEX(B1:B4,MATCH(1,INDEX((A1:A4=3)*(B1:B4="three"),0),0))', short)).toBe('three')
    expect(await evaluated('LOOKUP(2,1/(A1:A4=5),B1:B4)', short)).toBe('five')
  })
})
