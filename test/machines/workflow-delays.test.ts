import { describe, expect, it } from 'vitest'
import { initialContext, type WorkflowContext } from '../../machines/workflow-context.ts'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import type { WorkflowSettings, WorkflowStep } from '../../machines/workflow-step.ts'
import { upgradeRun } from '../../machines/workflow-upgrade.ts'
import type { StepStatus } from '../../machines/workflow.contract.ts'
import type { TimerRecord } from '../../runtime/protocol/record.ts'

const NOW = 50_000

function timer(id: string, due: number): TimerRecord {
  return { id, due, to: 'self', event: { type: id } }
}

/** The timers with which a run goes on that stands in its first step. */
function timersOf(
  timers: readonly TimerRecord[],
  steps: readonly WorkflowStep[],
  settings: WorkflowSettings = {},
  status: StepStatus = 'running',
) {
  const plan = planWorkflow('run', steps, { ...settings, durable: true })
  const begun = initialContext(plan, null)
  const name = steps[0]?.name ?? ''
  const record = { ...(begun.steps[name] as WorkflowContext['steps'][string]), status, attempts: 1 }
  const context = { ...begun, steps: { ...begun.steps, [name]: record } }
  const run = upgradeRun({ context, timers, version: '1' }, { plan, version: '2', renamed: {}, now: NOW })
  if (!('timers' in run)) throw new Error(run[0]?.fault)
  for (const { id, event } of run.timers) expect(event.type).toBe(id)
  return run.timers.map(({ id, due }) => [id.replace('xstate.after.', ''), due])
}

const plain = timer('xstate.after.5000.step:a', 52_000)
const nested = timer('xstate.after.5000.run.a.running', 52_000)
const whole = timer('xstate.after.60000.run', 90_000)
const backoff = timer('xstate.after.a backoff.run.running.lane1.a.retrying', 51_000)

describe('the time limits of a run that is brought up', () => {
  it('go on where they are as they were', () => {
    expect(timersOf([plain, whole], [{ name: 'a', timeout: '5s' }], { timeout: '1m' })).toEqual([
      ['60000.run', 90_000],
      ['5000.step:a', 52_000],
    ])
  })

  it('count from when they began where they are longer or shorter now', () => {
    expect(timersOf([plain, whole], [{ name: 'a', timeout: '9s' }], { timeout: '2m' })).toEqual([
      ['120000.run', 150_000],
      ['9000.step:a', 56_000],
    ])
    expect(timersOf([plain], [{ name: 'a', timeout: '1s' }])).toEqual([['1000.step:a', 48_000]])
  })

  it('go on under another name where the state of the step has one', () => {
    expect(timersOf([plain], [{ name: 'a', timeout: '5s', retries: 1 }])).toEqual([['5000.run.a.running', 52_000]])
    expect(timersOf([nested], [{ name: 'a', timeout: '5s' }, { name: 'b' }])).toEqual([['5000.step:a', 52_000]])
    const steps = [{ name: 'a', retries: 1, backoff: '9s' }] as const
    expect(timersOf([backoff], steps, {}, 'retrying')).toEqual([['a backoff.run.a.retrying', 51_000]])
  })

  it('begin now where there were none, and end where there are none any more', () => {
    expect(timersOf([], [{ name: 'a', timeout: '5s' }], { timeout: '1m' })).toEqual([
      ['60000.run', NOW + 60_000],
      ['5000.step:a', NOW + 5_000],
    ])
    expect(timersOf([plain, whole], [{ name: 'a' }])).toEqual([])
    expect(timersOf([backoff], [{ name: 'a', timeout: '2s' }], {}, 'retrying')).toEqual([['2000.step:a', NOW + 2_000]])
  })

  it('are told apart from those of steps with the name of the workflow', () => {
    const own = timer('xstate.after.5000.step:run', 52_000)
    expect(timersOf([own, whole], [{ name: 'run', timeout: '5s' }], { timeout: '1m' })).toEqual([
      ['60000.run', 90_000],
      ['5000.step:run', 52_000],
    ])
  })
})
