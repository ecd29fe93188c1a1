import { describe, expect, it } from 'vitest'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import { workflowMachine } from '../../machines/workflow.machine.ts'
import { explore, faults } from './workflow-truths.ts'

const chain = planWorkflow(
  'chain',
  [
    { name: 'a', retries: 1, timeout: '1s' },
    { name: 'b', after: ['a'], optional: true, conditional: true },
    { name: 'c', after: ['b'] },
  ],
  { output: true },
)
const lanes = planWorkflow(
  'lanes',
  [
    { name: 'a' },
    { name: 'b', after: ['a'], optional: true, retries: 1 },
    { name: 'm', after: ['a'], kind: 'map', timeout: '1s' },
    { name: 'd', after: ['b', 'm'], conditional: true },
    { name: 'e' },
  ],
  { timeout: '1h' },
)
// The last step of a chain in all its kinds, with an output and without; there its name is also one of the chart's own.
const kinds = [{}, { optional: true }, { conditional: true }, { optional: true, kind: 'map' }] as const
const chains = kinds.flatMap((last) =>
  [true, false].map((output) => {
    const a = { name: 'a' }
    const b = { name: 'b', after: ['a'], optional: true, timeout: '1s' } as const
    const c = { name: output ? 'c' : 'ending', after: ['a', 'b'], timeout: '1s', ...last } as const
    return planWorkflow('chain', [a, b, c], { output })
  }),
)

describe('the chart of a workflow', () => {
  it('begins no step too early, ends each once, and can always end: a chain', () => {
    expect(faults(chain, workflowMachine(chain))).toEqual([])
    expect(explore(workflowMachine(chain)).states.length).toMatchInlineSnapshot(`313`)
  })

  it('begins no step too early, ends each once, and can always end: lanes', () => {
    expect(faults(lanes, workflowMachine(lanes))).toEqual([])
    expect(explore(workflowMachine(lanes)).states.length).toMatchInlineSnapshot(`2892`)
  })

  it('begins no step too early, ends each once, and can always end: chains of steps that only work', () => {
    for (const plan of chains) expect(faults(plan, workflowMachine(plan))).toEqual([])
    expect(chains.map((plan) => explore(workflowMachine(plan)).states.length)).toMatchInlineSnapshot(`
      [
        94,
        46,
        118,
        46,
        148,
        76,
        118,
        46,
      ]
    `)
  })

  it('has one state for each step that only works, and where it makes an output none between them and its ends', () => {
    const steps = [{ name: 'a' }, { name: 'b', after: ['a'] }]
    const ends = ['closing', 'completed', 'degraded', 'failed', 'cancelled']
    const { states } = workflowMachine(planWorkflow('chain', steps, { output: true }))
    expect(Object.keys(states)).toEqual(['a', 'b', ...ends])
    expect(Object.values(states).flatMap((state) => Object.keys(state.states))).toEqual([])
    expect(Object.keys(workflowMachine(planWorkflow('chain', steps)).states)).toEqual(['a', 'b', 'ending', ...ends])
  })

  it('reaches every way a run can end', () => {
    for (const plan of [chain, lanes, ...chains]) {
      const ends = explore(workflowMachine(plan)).states.filter(({ status }) => status === 'done')
      expect([...new Set(ends.map(({ value }) => value as string))].toSorted()).toEqual([
        'cancelled',
        'completed',
        'degraded',
        'failed',
      ])
    }
  })

  it('with a broken guard is found out: the exploration bites', () => {
    const with_ = (guards: Readonly<Record<string, () => boolean>>) =>
      workflowMachine(lanes).provide({ guards } as never)
    expect(faults(lanes, with_({ isReady: () => true }))).toContain('d works before its dependencies allow it')
    expect(faults(lanes, with_({ isOver: () => false }))).toEqual(['it may never end'])
    expect(faults(lanes, with_({ canRetry: () => true }))).toContain('b is tried too often')
    expect(faults(lanes, with_({ isSkipped: () => false }))).not.toEqual([])
    for (const plan of [chain, ...chains]) {
      const broken = workflowMachine(plan).provide({ guards: { isCompleted: () => true } } as never)
      expect(faults(plan, broken)).toEqual(['ended wrongly'])
    }
  })
})
