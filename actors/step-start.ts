import type { StepOutcome } from '../machines/workflow-changes.ts'
import type { ItemOutcome } from '../machines/workflow.contract.ts'
import { isThenable, ofFailure, ofPromise, ofResult, runActor } from './actor-work.ts'
import { childKey } from './child-key.ts'
import { runMap } from './map-work.ts'
import type { ActorWork, StepBody, StepWork } from './step-body.ts'
import { decisionScope, stepScope } from './job-scope.ts'
import { closeNodes } from './step-budget.ts'
import { mayTryAgain, outcomeOf, type StepJob } from './step-job.ts'

/** Takes what became of a job: the verb of the event, and the outcome that goes with it. */
export type EndOfJob = (
  job: StepJob,
  verb: StepOutcome['status'] | 'wanted' | 'unwanted',
  outcome: StepOutcome | null,
) => void

/** Asks a step's `when`. One that throws has failed. */
export function decideStep(job: StepJob, { when }: StepBody, end: EndOfJob): void {
  const decided = (wanted: unknown): void => {
    if (wanted) return end(job, 'wanted', null)
    const outcome = outcomeOf(job, 'skipped', "not wanted: its 'when' said no")
    end(job, 'unwanted', { ...outcome, startedAt: null, endedAt: null })
  }
  const failed = (error: unknown): void => endWith(job, ofFailure(error), end)
  try {
    const wanted = when?.(decisionScope(job))
    if (isThenable(wanted)) Promise.resolve(wanted).then(decided, failed)
    else decided(wanted)
  } catch (error) {
    failed(error)
  }
}

/**
 * Takes up the work of a step that was cut off with its process: what is an actor that outlives it is found again, what may
 * be repeated is. Anything else has failed.
 */
export function resumeStep(job: StepJob, body: StepBody, end: EndOfJob): void {
  if (job.step.idempotent || isDurable(body.work)) return startStep(job, body, end)
  const reason = `it was cut off with its process, and is not declared idempotent`
  end(job, 'failed', outcomeOf(job, 'failed', reason, { final: false }))
}

function isDurable(work: StepWork): boolean {
  if (work.kind === 'task') return false
  const { definition } =
    work.kind === 'map' && work.each.kind === 'actor' ? work.each : (work as Partial<ActorWork<never>>)
  return definition?.policies.durability === 'durable'
}

/** Starts the work of a step. */
export function startStep(job: StepJob, { work }: StepBody, report: EndOfJob): void {
  const end = job.account ? closing(report) : report
  try {
    if (work.kind === 'map') return runMap(job, work, (outcome) => end(job, outcome.status, outcome))
    if (work.kind === 'child') {
      void runChild(job, work).then((outcome) => endWith(job, outcome, end))
      return
    }
    const result = work.run(stepScope(job))
    if (result instanceof Promise) {
      // A real promise settles once and later: nothing has to stand between it and the outcome.
      result.then(
        (value: unknown) => endWith(job, ofResult(value), end),
        (error: unknown) => endWith(job, ofFailure(error), end),
      )
    } else if (isThenable(result)) void ofPromise(result).then((outcome) => endWith(job, outcome, end))
    else endWith(job, ofResult(result), end)
  } catch (error) {
    endWith(job, ofFailure(error), end)
  }
}

// What the step has left of its budget is given back, unless it is tried again.
function closing(report: EndOfJob): EndOfJob {
  return (job, verb, outcome) => {
    if (outcome?.status !== 'failed' || outcome.final || !mayTryAgain(job)) closeNodes(job)
    report(job, verb, outcome)
  }
}

function runChild(job: StepJob, work: Extract<StepWork, { kind: 'child' }>): Promise<ItemOutcome> {
  const scope = decisionScope(job)
  const key = work.key?.(scope) ?? childKey(job)
  return runActor(job, { definition: work.definition, key, input: work.input?.(scope), usage: work.usage })
}

function endWith(job: StepJob, outcome: ItemOutcome, end: EndOfJob): void {
  switch (outcome.status) {
    case 'done':
      return end(job, 'done', outcomeOf(job, 'done', null, { value: outcome.value }))
    case 'degraded':
      return end(job, 'degraded', outcomeOf(job, 'degraded', outcome.reason, { value: outcome.value }))
    default: {
      const { reason, value, final = false } = outcome
      const more = value === undefined ? { final } : { final, value }
      return end(job, 'failed', outcomeOf(job, 'failed', reason, more))
    }
  }
}
