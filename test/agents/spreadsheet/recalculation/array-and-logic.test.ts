import { describe, expect, it } from 'vitest'
import { workbookOf } from '../workbook-builder.ts'
import { evaluated, evaluatedAll, recalculated } from './evaluated.ts'

describe('conditions', () => {
  it('evaluate only the branch they take', async () => {
    expect(
      await evaluatedAll([
        'IF(TRUE,1,UNKNOWNFUNCTION(1))',
        'IF(FALSE,1)',
        'IF(1,,2)',
        'IF("x",1,2)',
        'IFERROR(1/0,"none")',
        'IFNA(1/0,2)',
      ]),
    ).toEqual([1, false, 0, '#VALUE!', 'none', '#DIV/0!'])
  })

  it('ignore texts in ranges but not among the arguments', async () => {
    expect(
      await evaluatedAll(['AND(A1:A3)', 'OR("x",TRUE)', 'AND(A2)', 'XOR(TRUE,TRUE,TRUE)', 'NOT(0)'], {
        A1: true,
        A2: 'x',
        A3: 1,
      }),
    ).toEqual([true, '#VALUE!', '#VALUE!', true, true])
  })

  it('switch, test and count errors', async () => {
    expect(
      await evaluatedAll([
        'SWITCH(2,1,"a",2,"b","c")',
        'IFS(FALSE,1,TRUE,2)',
        'ISNA(#N/A)',
        'ISERR(#N/A)',
        'ISBLANK(A1)',
        'ERROR.TYPE(#REF!)',
        'ISNUMBER("1")',
      ]),
    ).toEqual(['b', 2, true, false, true, 4, false])
  })
})

describe('arrays', () => {
  const column = { A1: 1, A2: 2, A3: 3, B1: 'a', B2: 'b', B3: 'a' }

  it('are computed whole in array formulas, each cell with its own place', async () => {
    const array = 'C1:C3'
    const cells = {
      ...column,
      C1: { formula: 'A1:A3*2', cached: 2, array },
      C2: { formula: 'A1:A3*2', cached: 4, array },
      C3: { formula: 'A1:A3*2', cached: 6, array },
      D1: { formula: 'SUM(IF(B1:B3="a",A1:A3))', cached: 4, array: 'D1:D1' },
      D2: { formula: 'MAX(ROW(A1:A3))', cached: 3, array: 'D2:D2' },
    }
    expect(await recalculated(workbookOf({ S: cells }))).toMatchObject({ checked: 5, agreed: 5 })
  })

  it('repeat rows and columns, and have nothing beyond their end', async () => {
    const array = 'C1:D3'
    const cell = (cached: number | string) => ({ formula: 'A1:A2+{10,20}', cached, array })
    const cells = {
      ...column,
      C1: cell(11),
      D1: cell(21),
      C2: cell(12),
      D2: cell(22),
      C3: cell('#N/A'),
      D3: cell('#N/A'),
    }
    expect(await recalculated(workbookOf({ S: cells }))).toMatchObject({ checked: 6, agreed: 6 })
  })

  it('may be written in a formula', async () => {
    expect(
      await evaluatedAll(
        [
          'SUM(A1*{1,2,3})',
          'SUM({1,2;3,4})',
          'MATCH(3,{1,2,3},0)',
          'SUMPRODUCT(LEN(B1:B3))',
          'SUM(COUNTIF(B1:B3,{"a","b"}))',
        ],
        column,
      ),
    ).toEqual([6, 10, 3, 3, 3])
  })

  it('transpose and multiply', async () => {
    expect(await evaluated('SUMPRODUCT(TRANSPOSE(A1:A3),{1,10,100})', column)).toBe(321)
    expect(await evaluated('MMULT({1,2},{3;4})')).toBe(11)
  })

  it('have names inside LET', async () => {
    expect(await evaluated('_xlfn.LET(_xlpm.x,A1:A3,_xlpm.n,2,SUM(_xlpm.x)*_xlpm.n)', column)).toBe(12)
  })
})

describe('names and tables', () => {
  it('stand for cells, constants and formulas, relative to the cell', async () => {
    const cells = { A1: 5, B1: { formula: 'Left*Rate+Two', cached: 12 }, B2: { formula: 'SUM(Left:A9)', cached: 0 } }
    const names = { Left: 'S!XFD1', Rate: '2', Two: 'S!$A$1-3' }
    expect(await recalculated(workbookOf({ S: cells }, { names }))).toMatchObject({ checked: 2, agreed: 2 })
  })

  it('name the columns, the totals and the own row of a table', async () => {
    const tables = { S: [{ name: 'Sales', range: 'A1:C4', columns: ['Item', 'Net', 'Gross'], totalsRow: true }] }
    const cells = {
      A1: 'Item',
      B1: 'Net',
      C1: 'Gross',
      A2: 'x',
      B2: 10,
      A3: 'y',
      B3: 20,
      A4: 'Total',
      C2: { formula: 'Sales[[#This Row],[Net]]*2', cached: 20 },
      C3: { formula: '[@Net]*2', cached: 40 },
      B4: { formula: 'SUBTOTAL(109,[Net])', cached: 30 },
      E1: { formula: 'Sales[[#Totals],[Net]]', cached: 30 },
      E2: { formula: 'SUM(Sales[])+ROWS(Sales[#All])', cached: 94 },
      E3: { formula: 'Sales[[#Headers],[Gross]]', cached: 'Gross' },
      E4: { formula: 'ROWS(Sales)', cached: 2 },
    }
    expect((await recalculated(workbookOf({ S: cells }, { tables }))).mismatches).toEqual([])
  })

  it('sum the same cell of several sheets', async () => {
    const sheets = {
      One: { A1: 1 },
      Two: { A1: 2 },
      "It's": { A1: 4 },
      Sum: { A1: { formula: "SUM('One:It''s'!A1)", cached: 7 } },
    }
    expect(await recalculated(workbookOf(sheets))).toMatchObject({ checked: 1, agreed: 1 })
  })
})
