import { describe, expect, it } from 'vitest'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import type { WorkflowStep } from '../../machines/workflow-step.ts'
import { workflowMachine } from '../../machines/workflow.machine.ts'

const plan = (...steps: readonly WorkflowStep[]) => planWorkflow('report', steps)
const lanesOf = (...steps: readonly WorkflowStep[]) =>
  plan(...steps).lanes.map((lane) => lane.map(({ name }) => name).join(' '))

describe('a plan', () => {
  it('puts dependencies first and otherwise keeps the order', () => {
    const { steps } = plan({ name: 'z', after: ['a', 'm'] }, { name: 'm' }, { name: 'a', after: ['m'] }, { name: 'b' })
    expect(steps.map(({ name }) => name)).toEqual(['m', 'a', 'b', 'z'])
  })

  it('makes few lanes, in which each step comes after the one before it', () => {
    expect(lanesOf({ name: 'a' }, { name: 'b', after: ['a'] }, { name: 'c', after: ['b'] })).toEqual(['a b c'])
    expect(
      lanesOf(
        { name: 'deterministic' },
        { name: 'complexity', after: ['deterministic'] },
        { name: 'sheets', after: ['complexity'] },
        { name: 'relations', after: ['sheets'] },
        { name: 'validation', after: ['sheets'] },
        { name: 'synthesis', after: ['relations', 'validation'] },
      ),
    ).toEqual(['deterministic complexity sheets relations synthesis', 'validation'])
  })

  it('shares the budget, and gives nothing to a step without a share', () => {
    const { steps } = planWorkflow('report', [{ name: 'a', budget: 0.6 }, { name: 'b', budget: 0.4 }, { name: 'c' }], {
      budget: { tokens: 1_001, costUsd: 2 },
    })
    expect(steps.map(({ budget }) => budget)).toEqual([
      { tokens: 600, costUsd: 1.2 },
      { tokens: 400, costUsd: 0.8 },
      { tokens: 0, costUsd: 0 },
    ])
    expect(() => plan(...Array.from({ length: 10 }, (_, index) => ({ name: `s${index}`, budget: 0.1 })))).not.toThrow()
  })

  it('reads as a chart of data, which names each step and each of its states', () => {
    const { config } = workflowMachine(plan({ name: 'read', retries: 1 }, { name: 'count', after: ['read'] }))
    const states = config.states as Readonly<Record<string, { states?: object }>>
    expect(Object.keys(states)).toEqual([
      'read',
      'count',
      'ending',
      'closing',
      'completed',
      'degraded',
      'failed',
      'cancelled',
    ])
    expect(Object.keys(states['read']?.states ?? {})).toEqual(['running', 'retrying'])
    expect(states['count']).not.toHaveProperty('states')
    expect(JSON.parse(JSON.stringify(states['read']))).toEqual(states['read'])
  })
})

describe('a plan is refused, and the steps are named,', () => {
  const cases: readonly (readonly [why: string, steps: readonly WorkflowStep[], message: string])[] = [
    ['without steps', [], "the workflow 'report' has no steps"],
    ['for two steps of one name', [{ name: 'a' }, { name: 'a' }], "'report' has two steps named 'a'"],
    ['for what is no name', [{ name: 'a.b' }], "'a.b' cannot name a step"],
    [
      'for steps that wait for each other',
      [{ name: 'x' }, { name: 'a', after: ['c', 'x'] }, { name: 'b', after: ['a'] }, { name: 'c', after: ['b'] }],
      "steps of 'report' wait for each other: b -> c -> a -> b",
    ],
    ['for a step that waits for itself', [{ name: 'a', after: ['a'] }], 'a -> a'],
    ['for a dependency that is none', [{ name: 'b', after: ['reed'] }], "'b' comes after 'reed', which is no step"],
    ['for a share above 1', [{ name: 'a', budget: 1.2 }], 'report.a.budget is 1.2'],
    ['for a share below 0', [{ name: 'a', budget: -0.1 }], 'report.a.budget is -0.1'],
    ['for a share that is no number', [{ name: 'a', budget: Number.NaN }], 'report.a.budget is NaN'],
    [
      'for shares above 1 together',
      [
        { name: 'a', budget: 0.7 },
        { name: 'b', budget: 0.5 },
      ],
      'add up to 1.2: a 0.7, b 0.5',
    ],
    [
      'for a bad timeout',
      [{ name: 'a', timeout: '5 minutes' as '5m' }],
      "report.a.timeout: '5 minutes' is not a duration",
    ],
    ['for no time at all', [{ name: 'a', timeout: 0 }], 'report.a.timeout is 0'],
    ['for a bad backoff', [{ name: 'a', backoff: 'soon' as '5m' }], "report.a.backoff: 'soon' is not a duration"],
    ['for a limit below 1', [{ name: 'a', limit: 0 }], 'report.a.limit is 0'],
    ['for half a retry', [{ name: 'a', retries: 1.5 }], 'report.a.retries is 1.5'],
  ]

  it.each(cases)('%s', (_, steps, message) => {
    expect(() => planWorkflow('report', steps)).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE', message: expect.stringContaining(message) as string }),
    )
  })

  it('with the steps there are, for a dependency that is none', () => {
    const steps = [{ name: 'read' }, { name: 'count', after: ['reed'] }]
    expect(() => planWorkflow('report', steps)).toThrow(expect.objectContaining({ hint: 'known: read' }))
  })

  it('for a long circle, without running out of stack', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `s${index}`)
    const steps = names.map((name, index) => ({ name, after: [names[(index + 4_999) % 5_000] as string] }))
    expect(() => planWorkflow('report', steps)).toThrow('wait for each other')
  })
})
