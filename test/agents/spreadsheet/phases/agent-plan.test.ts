import { array, assert, boolean, nat, property, record, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planAgents } from '../../../../agents/spreadsheet/phases/agent-plan.ts'
import { analysisSteps, stepBudget } from '../../../../agents/spreadsheet/phases/analysis-steps.ts'

const plain = { name: 'A', formulas: 0, pivots: 0, charts: 0, external: false }

describe('the plan of agents', () => {
  test.each([
    [{ pivots: 1, formulas: 500, charts: 1 }, 'pivot_table_specialist'],
    [{ formulas: 101, charts: 2 }, 'formula_analyst'],
    [{ formulas: 100, charts: 1 }, 'visualization_analyst'],
    [{ formulas: 100 }, 'general_analyst'],
  ] as const)('%j is for a %s', (part, strategy) => {
    expect(planAgents([{ ...plain, ...part }], 'hash', 10).agents[0]?.strategy).toBe(strategy)
  })

  test.each([
    [{}, 1],
    [{ formulas: 250 }, 3.5],
    [{ formulas: 10_000 }, 6],
    [{ external: true }, 3],
    [{ pivots: 2 }, 4],
    [{ charts: 7 }, 2],
    [{ formulas: 500, external: true, pivots: 1, charts: 1 }, 12],
  ])('%j has priority %d', (part, priority) => {
    expect(planAgents([{ ...plain, ...part }], 'hash', 10).agents[0]?.priority).toBe(priority)
  })

  test('the budget is split by priority into whole tokens', () => {
    const sheets = [
      { ...plain, name: 'A' },
      { ...plain, name: 'B', external: true },
      { ...plain, name: 'C', charts: 1 },
    ]
    expect(planAgents(sheets, 'hash', 100).agents.map((agent) => agent.budget)).toEqual([17, 50, 33])
  })

  test('whatever the sheets, the budgets add up to the step and nobody is below zero', () => {
    const sheet = record({
      name: string(),
      formulas: nat(20_000),
      pivots: nat(3),
      charts: nat(3),
      external: boolean(),
    })
    assert(
      property(array(sheet, { minLength: 1, maxLength: 40 }), nat(1_000_000), (sheets, budget) => {
        const budgets = planAgents(sheets, 'hash', budget).agents.map((agent) => agent.budget)
        expect(budgets.reduce((sum, each) => sum + each, 0)).toBe(budget)
        expect(budgets.every((each) => Number.isInteger(each) && each >= 0)).toBe(true)
      }),
    )
  })

  test('an agent is addressed by the workbook and its sheet', () => {
    expect(planAgents([{ ...plain, name: 'P&L 2024' }], 'abc', 0).agents[0]?.key).toBe('abc.P&L 2024')
  })

  test('whatever the names, each agent has an address of its own that can be sent', () => {
    const long = 'x'.repeat(600)
    const names = [long, `${long}y`, '\ud800', '\ud801', `${'a'.repeat(99)}😀`, '\ufffd.3', '', 'Plan']
    const { agents } = planAgents(
      names.map((name) => ({ ...plain, name })),
      'a'.repeat(64),
      0,
    )
    const keys = agents.map((agent) => agent.key)
    expect(new Set(keys).size).toBe(names.length)
    expect(keys.filter((key) => key.length > 512 || !key.isWellFormed())).toEqual([])
    expect(keys.at(-1)).toBe(`${'a'.repeat(64)}.Plan`)
    expect(agents[0]?.sheet).toBe(long)
  })

  test('a workbook without sheets has no agents', () => {
    expect(planAgents([], 'hash', 100).agents).toEqual([])
  })
})

describe('the steps', () => {
  test('share the whole budget and never more', () => {
    expect(analysisSteps.map((step) => stepBudget(step.name, 100_000))).toEqual([
      0, 5_000, 0, 60_000, 20_000, 10_000, 5_000,
    ])
    for (const total of [0, 1, 7, 99, 12_345]) {
      const spent = analysisSteps.reduce((sum, step) => sum + stepBudget(step.name, total), 0)
      expect(spent).toBeLessThanOrEqual(total)
    }
  })

  test('depend only on steps before them', () => {
    const seen = new Set<string>()
    for (const { name, dependencies } of analysisSteps) {
      expect(dependencies.filter((each) => !seen.has(each))).toEqual([])
      seen.add(name)
    }
  })

  test('only the relationships may fail without failing the run', () => {
    expect(analysisSteps.filter((step) => !step.required).map((step) => step.name)).toEqual(['relationship_analysis'])
  })
})
