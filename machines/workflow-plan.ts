import { milliseconds } from '../runtime/protocol/duration.ts'
import { refuseFaults } from './workflow-faults.ts'
import type { PlannedStep, WorkflowPlan, WorkflowSettings, WorkflowStep } from './workflow-step.ts'
import type { WorkflowBudget } from './workflow.contract.ts'

const LIMIT = 10

/**
 * Makes a plan of a list of steps. Throws INVALID_MESSAGE, naming the steps, for names that repeat, unknown dependencies,
 * cycles, budget shares outside 0..1 or above 1 together, bad durations, limits below 1.
 *
 * @example
 * planWorkflow('report', [{ name: 'read' }, { name: 'count', after: ['read'], timeout: '30s' }])
 */
export function planWorkflow(
  name: string,
  steps: readonly WorkflowStep[],
  settings: WorkflowSettings = {},
): WorkflowPlan {
  refuseFaults(name, steps, settings)
  const ordered = inOrder(steps)
  const dependents = dependentsOf(ordered)
  const planned = ordered.map((step) => decide(step, settings.budget, dependents.get(step.name) ?? new Set()))
  return {
    name,
    version: settings.version ?? null,
    timeout: settings.timeout === undefined ? null : milliseconds(settings.timeout),
    budget: settings.budget ?? null,
    output: settings.output ?? false,
    durable: settings.durable ?? false,
    steps: planned,
    byName: new Map(planned.map((step) => [step.name, step])),
    lanes: lanesOf(planned),
  }
}

function decide(step: WorkflowStep, budget: WorkflowBudget | undefined, dependents: ReadonlySet<string>): PlannedStep {
  return {
    name: step.name,
    kind: step.kind ?? 'task',
    description: step.description ?? null,
    after: [...new Set(step.after)],
    optional: step.optional ?? false,
    conditional: step.conditional ?? false,
    timeout: step.timeout === undefined ? null : milliseconds(step.timeout),
    retries: step.retries ?? 0,
    backoff: milliseconds(step.backoff ?? 0),
    idempotent: step.idempotent ?? false,
    budget: budget ? shareOf(budget, step.budget ?? 0) : null,
    limit: step.limit ?? LIMIT,
    tolerate: step.tolerate ?? 'some',
    dependents: [...dependents],
  }
}

function shareOf(budget: WorkflowBudget, share: number): WorkflowBudget {
  const { tokens, costUsd, ms } = budget
  return {
    ...(tokens === undefined ? {} : { tokens: Math.floor(tokens * share) }),
    ...(costUsd === undefined ? {} : { costUsd: costUsd * share }),
    ...(ms === undefined ? {} : { ms: Math.floor(ms * share) }),
  }
}

// Dependencies first, and otherwise as written: a list already in order stays as it is.
function inOrder(steps: readonly WorkflowStep[]): readonly WorkflowStep[] {
  const ordered: WorkflowStep[] = []
  const placed = new Set<string>()
  let left = [...steps]
  while (left.length > 0) {
    const later: WorkflowStep[] = []
    for (const step of left) {
      if ((step.after ?? []).every((name) => placed.has(name))) {
        placed.add(step.name)
        ordered.push(step)
      } else {
        later.push(step)
      }
    }
    left = later
  }
  return ordered
}

function dependentsOf(ordered: readonly WorkflowStep[]): ReadonlyMap<string, ReadonlySet<string>> {
  const dependents = new Map(ordered.map((step) => [step.name, new Set<string>()]))
  for (const step of [...ordered].reverse()) {
    const behind = dependents.get(step.name) ?? new Set()
    for (const dependency of step.after ?? []) {
      const all = dependents.get(dependency)
      all?.add(step.name)
      for (const name of behind) all?.add(name)
    }
  }
  return dependents
}

// A step goes on in the lane of a dependency that nobody goes on from yet; so lanes are few, and none delays a step.
function lanesOf(steps: readonly PlannedStep[]): readonly (readonly PlannedStep[])[] {
  const lanes: PlannedStep[][] = []
  for (const step of steps) {
    const lane = lanes.find((candidate) => step.after.includes(candidate[candidate.length - 1]?.name ?? ''))
    if (lane) lane.push(step)
    else lanes.push([step])
  }
  return lanes
}
