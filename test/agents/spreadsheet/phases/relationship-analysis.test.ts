import { describe, expect, test } from 'vitest'
import { workbookNames } from '../../../../agents/spreadsheet/formulas/workbook-names.ts'
import { chartEdges } from '../../../../agents/spreadsheet/phases/chart-edges.ts'
import { analyzeDeterministically } from '../../../../agents/spreadsheet/phases/deterministic-analysis.ts'
import { mapRelationships, namePurposes } from '../../../../agents/spreadsheet/phases/relationship-analysis.ts'
import { sampleWorkbook } from '../../../../agents/spreadsheet/sample/sample-workbook.ts'
import { workbookOf } from '../workbook-builder.ts'

const sheet = (name: string) => ({ name }) as never
const edge = (from: string, to: string) => ({ from, to, references: 1, functions: [], examples: ['A1'] })

describe('relationships', () => {
  test('circles of sheets are found, chains are not', () => {
    const sheets = ['A', 'B', 'C', 'D'].map(sheet)
    const edges = [edge('A', 'B'), edge('B', 'C'), edge('C', 'A'), edge('C', 'D')]
    expect(mapRelationships({ sheets, edges, chartEdges: [], names: [], externals: [] }).cycles).toEqual([
      ['A', 'B', 'C'],
    ])
    expect(
      mapRelationships({ sheets, edges: edges.slice(0, 2), chartEdges: [], names: [], externals: [] }).cycles,
    ).toEqual([])
  })

  test('sheets that nothing links are named', () => {
    const map = mapRelationships({
      sheets: ['A', 'B', 'C'].map(sheet),
      edges: [edge('A', 'B')],
      chartEdges: [],
      names: [],
      externals: [],
    })
    expect(map.isolated).toEqual(['C'])
  })

  test('names and other files are nodes with edges to them', () => {
    const uses = [{ sheet: 'A', formulas: 4 }]
    const names = [{ name: 'Rate', formula: 'B!$A$1', sheet: null, hidden: false, broken: false, uses, targets: ['B'] }]
    const externals = [{ target: 'plan.xlsx', references: 7, examples: [{ sheet: 'A', cell: 'C3' }] }]
    const { nodes, edges } = mapRelationships({
      sheets: ['A', 'B'].map(sheet),
      edges: [],
      chartEdges: [],
      names,
      externals,
    })
    expect(nodes.map((node) => `${node.kind} ${node.name}`)).toEqual([
      'sheet A',
      'sheet B',
      'name Rate',
      'external plan.xlsx',
    ])
    expect(edges.map(({ from, to, references }) => [from.name, to.name, references])).toEqual([
      ['A', 'Rate', 4],
      ['Rate', 'B', 1],
      ['A', 'plan.xlsx', 7],
    ])
  })

  test('charts are readers of the sheets they draw, and their sheets are linked', () => {
    const chartEdges = [{ from: 'Chart', to: 'A', references: 6, functions: [], examples: [] }]
    const sheets = ['A', 'Chart', 'Alone'].map(sheet)
    const { nodes, edges, isolated } = mapRelationships({ sheets, edges: [], chartEdges, names: [], externals: [] })
    expect(nodes).toContainEqual({ kind: 'chart', name: 'Chart' })
    expect(edges.map(({ from, to, references }) => [from.kind, from.name, to.name, references])).toEqual([
      ['chart', 'Chart', 'A', 6],
    ])
    expect(isolated).toEqual(['Alone'])
  })

  test('what charts draw is followed through names, each source as often as it is written', () => {
    const workbook = workbookOf(
      { Data: { A1: 1 }, 'My plan': { A1: 1 }, Board: { A1: 1 } },
      {
        names: { Series: "'My plan'!$A$1:$A$9" },
        chartSources: {
          Board: ['Data!$A$1:$A$9', 'Data!$A$1:$A$9', '[0]!Series', '[1]Far!$A$1', 'Board!$A$1', '#REF!', '('],
        },
      },
    )
    expect(chartEdges(workbook, workbookNames(workbook))).toMatchObject([
      { from: 'Board', to: 'Data', references: 2 },
      { from: 'Board', to: 'My plan', references: 1 },
    ])
  })

  test('a model may name the purpose of an edge but not invent one', () => {
    const map = mapRelationships({
      sheets: ['A', 'B'].map(sheet),
      edges: [edge('A', 'B')],
      chartEdges: [],
      names: [],
      externals: [],
    })
    const invented = { from: 'B', to: 'A', purpose: 'feedback' }
    const named = namePurposes(map, [{ from: 'A', to: 'B', purpose: 'rates' }, invented])
    expect(named.map.edges.map((each) => each.purpose)).toEqual(['rates'])
    expect(named.refused).toEqual([invented])
  })

  test('the sample reads its sheets in the order of a budget', async () => {
    const { facts } = await analyzeDeterministically(sampleWorkbook())
    const pairs = facts?.edges.map(({ from, to }) => `${from} < ${to}`)
    expect(pairs).toEqual(
      expect.arrayContaining(['Sales < Assumptions', 'Costs < Sales', 'P&L < Costs', 'P&L < Sales', 'Cash < P&L']),
    )
    expect(facts?.totals.crossSheetReferences).toBe(facts?.edges.reduce((sum, each) => sum + each.references, 0))
  })
})
