import { describe, expect, it } from 'vitest'
import { formatCell } from '../../../../agents/spreadsheet/formulas/cell-reference.ts'
import { buildGraph, precedentFormulas } from '../../../../agents/spreadsheet/formulas/cell-graph.ts'
import { formulaAt, indexFormulas } from '../../../../agents/spreadsheet/formulas/formula-index.ts'
import { type BuiltCell, type BuiltExtras, workbookOf } from '../workbook-builder.ts'

const graphOf = (sheets: Record<string, Record<string, BuiltCell>>, extras?: BuiltExtras) => {
  const workbook = workbookOf(sheets, extras)
  const index = indexFormulas(workbook)
  const graph = buildGraph(workbook, index)
  const cell = (formula: number) => {
    const sheet = workbook.sheets[index.sheet[formula] ?? 0]?.name
    return `${sheet}!${formatCell(index.row[formula] ?? 0, index.column[formula] ?? 0)}`
  }
  return { workbook, index, graph, cell, circles: graph.circular.map((circle) => circle.map(cell)) }
}

describe('circular references', () => {
  it('finds a cell that reads itself', () => {
    expect(graphOf({ S: { A1: '=A1+1', B1: '=A1' } }).circles).toEqual([['S!A1']])
  })

  it('finds a total that lies inside its own range', () => {
    expect(graphOf({ S: { A1: 1, A2: 2, A3: '=SUM(A1:A9)' } }).circles).toEqual([['S!A3']])
  })

  it('finds a total inside a range wide enough to be a tree', () => {
    const cells: Record<string, BuiltCell> = {}
    for (let row = 1; row <= 50; row += 1) cells[`A${row}`] = row === 33 ? '=SUM(A:A)' : `=B${row}`
    expect(graphOf({ S: cells }).circles).toEqual([['S!A33']])
  })

  it('finds a circle across sheets with quoted names', () => {
    const { circles } = graphOf({ "Bob's plan": { A1: '=Data!B2' }, Data: { B2: "='Bob''s plan'!A1" } })
    expect(circles).toEqual([["Bob's plan!A1", 'Data!B2']])
  })

  it('finds a circle through a defined name', () => {
    expect(graphOf({ S: { A1: '=Total*2', A2: '=A1' } }, { names: { Total: 'S!$A$2' } }).circles).toEqual([
      ['S!A1', 'S!A2'],
    ])
  })

  it('finds a circle through a structured reference', () => {
    const tables = { S: [{ name: 'Sales', range: 'A1:B3', columns: ['Item', 'Amount'] }] }
    const { circles } = graphOf({ S: { A1: 'Item', B1: 'Amount', B2: '=SUM(Sales[Amount])', B3: 1 } }, { tables })
    expect(circles).toEqual([['S!B2']])
  })

  it('finds a circle through a 3D reference', () => {
    const { circles } = graphOf({ One: { A1: 1 }, Two: { A1: '=Three!A1' }, Three: { A1: '=SUM(One:Two!A1)' } })
    expect(circles).toEqual([['Two!A1', 'Three!A1']])
  })

  it('takes no circle from names that mean each other', () => {
    expect(graphOf({ S: { A1: '=One' } }, { names: { One: 'Two', Two: 'One' } }).circles).toEqual([])
  })

  it('takes no circle from a running total or from a reference to the row alone', () => {
    const cells = { A1: 1, B1: '=SUM(A$1:A1)', B2: '=SUM(B1,ROW(B2))', B3: '=OFFSET(B3,-1,0)' }
    expect(graphOf({ S: cells }).circles).toEqual([])
  })
})

describe('longest chain', () => {
  it('is the longest path, not the first one met', () => {
    const { graph, cell } = graphOf({ S: { A1: 1, B1: '=A1', C1: '=B1', D1: '=C1', E1: '=A1+D1', F1: '=E1+A1' } })
    expect(graph.longestChain.length).toBe(5)
    expect([...graph.longestChain.formulas].map(cell)).toEqual(['S!B1', 'S!C1', 'S!D1', 'S!E1', 'S!F1'])
  })

  it('goes through ranges without counting them', () => {
    const { graph } = graphOf({ S: { A1: '=1', A2: '=A1', B1: '=SUM(A1:A9)', C1: '=SUM(B:B)' } })
    expect(graph.longestChain.length).toBe(4)
  })

  it('counts a circle once', () => {
    expect(graphOf({ S: { A1: '=B1', B1: '=A1', C1: '=B1' } }).graph.longestChain.length).toBe(2)
  })

  it('follows a chain as long as a column without recursion', () => {
    const cells: Record<string, BuiltCell> = { A1: 1 }
    for (let row = 2; row <= 50_000; row += 1) cells[`A${row}`] = `=A${row - 1}+1`
    expect(graphOf({ S: cells }).graph.longestChain.length).toBe(49_999)
  })
})

describe('precedents', () => {
  it('are the formulas inside a range and no others', () => {
    const cells: Record<string, BuiltCell> = { Z1: '=SUM(B3:D40)' }
    for (let row = 1; row <= 60; row += 1)
      for (const column of ['A', 'B', 'C', 'D', 'E']) cells[`${column}${row}`] = '=1'
    const { graph, index, cell } = graphOf({ S: cells })
    const found = precedentFormulas(graph, index, formulaAt(index, 0, 0, 25)).map(cell)
    expect(found).toHaveLength(38 * 3)
    expect(found).toContain('S!B3')
    expect(found).toContain('S!D40')
    expect(found).not.toContain('S!B2')
    expect(found).not.toContain('S!E40')
  })

  it('come before what reads them', () => {
    const { graph, cell } = graphOf({ S: { A1: '=SUM(B1:B20)', B3: '=C1', C1: '=1' } })
    expect([...graph.order].map(cell)).toEqual(['S!C1', 'S!B3', 'S!A1'])
  })
})

describe('references', () => {
  it('between sheets are counted with functions and examples', () => {
    const cells: Record<string, BuiltCell> = {}
    for (let row = 1; row <= 8; row += 1) cells[`A${row}`] = `=SUM(Data!A${row}:B${row})+Data!$C$1`
    expect(graphOf({ Report: cells, Data: { A1: 1 } }).graph.sheetEdges).toEqual([
      { from: 'Report', to: 'Data', references: 16, functions: ['SUM'], examples: ['A1', 'A2', 'A3', 'A4', 'A5'] },
    ])
  })

  it('to another workbook carry the target of its link', () => {
    const { graph } = graphOf({ S: { A1: "='[1]My sheet'!$A$1*2" } }, { externalLinks: ['file:///budget.xlsx'] })
    expect(graph.externalReferences).toEqual([
      { workbook: '1', target: 'file:///budget.xlsx', references: 1, examples: [{ sheet: 'S', cell: 'A1' }] },
    ])
  })

  it('to empty cells are listed, also off the used range and as ranges', () => {
    const { graph, cell } = graphOf({ S: { A1: 1, B1: '=A1+A2', B2: '=SUM(X1:X9)', B3: '=SUM(A1:A9)' } })
    expect(graph.emptyReferences.map(({ formula, area }) => [cell(formula), area.top, area.left])).toEqual([
      ['S!B1', 1, 0],
      ['S!B2', 0, 23],
    ])
  })

  it('to what does not exist are listed', () => {
    const { graph, cell } = graphOf({ S: { A1: '=Nowhere!A1+Unknown' } })
    expect(graph.missingReferences.map(({ formula }) => cell(formula))).toEqual(['S!A1', 'S!A1'])
  })

  it('make a formula volatile only by the function, not by its name in a text', () => {
    const { graph, cell } = graphOf({ S: { A1: '=NOW()', A2: '="NOW()"', A3: '=SUM(OFFSET(A1,1,0))' } })
    expect(graph.volatile.map(cell)).toEqual(['S!A1', 'S!A3'])
  })
})
