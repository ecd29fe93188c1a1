import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../../../agents/spreadsheet/formulas/cell-graph.ts'
import { indexFormulas } from '../../../../agents/spreadsheet/formulas/formula-index.ts'
import { workbookNames } from '../../../../agents/spreadsheet/formulas/workbook-names.ts'
import { formulaFacts } from '../../../../agents/spreadsheet/phases/formula-facts.ts'
import type { WorkbookParts } from '../../../../agents/spreadsheet/reading/workbook-parts.ts'
import { recalculate } from '../../../../agents/spreadsheet/recalculation/recalculate.ts'
import type { Workbook } from '../../../../agents/spreadsheet/workbook.ts'
import { workbookOf } from '../workbook-builder.ts'

const workbook = workbookOf({
  One: Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`B${at + 1}`, { formula: `A${at + 1}*${at}+C1`, cached: 0 }]),
  ),
  Two: Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`B${at + 1}`, { formula: `A${at + 1}*0`, cached: 0 }])),
})
const parts: WorkbookParts = { names: [], has: () => false, text: () => undefined, bytes: () => undefined }

const factsOf = async (source: Workbook, limits: { distinct?: number; edges?: number; operations?: number }) => {
  const index = indexFormulas(source, limits.distinct)
  const graph = buildGraph(source, index, limits.edges === undefined ? {} : { edges: limits.edges })
  const options = limits.operations === undefined ? {} : { operations: limits.operations }
  const recalculation = await recalculate(source, index, graph, { mode: 'cached', ...options })
  const model = { workbook: source, parts, index, graph, recalculation, names: workbookNames(source) }
  return { index, recalculation, facts: formulaFacts(model) }
}

describe('a workbook with more than is analysed', () => {
  test('of different formulas has those beyond the limit told apart, and the others analysed', async () => {
    const { index, recalculation, facts } = await factsOf(workbook, { distinct: 20 })
    expect(index.count).toBe(39)
    expect(index.uniques.length).toBe(21)
    expect(facts.unparseableCount).toBe(19)
    expect(facts.unparseable[0]).toMatchObject({ problem: 'The workbook has more than 20 different formulas.' })
    expect(recalculation.checked).toBe(20)
  })

  test('of dependencies says so', async () => {
    const chain = workbookOf({ One: { A1: 1, A2: '=A1', A3: '=A2', A4: '=A3', A5: '=A4' } })
    expect((await factsOf(chain, { edges: 1 })).facts.limits.join()).toContain('more dependencies than are followed')
  })

  test('of operations says so', async () => {
    const { facts } = await factsOf(workbook, { operations: 10 })
    expect(facts.limits.join()).toMatch(/ended after 10 operations; \d+ formulas were not checked/)
  })

  test('and one within all limits says nothing', async () => {
    expect((await factsOf(workbook, {})).facts).toMatchObject({ limits: [], unparseableCount: 0 })
  })
})
