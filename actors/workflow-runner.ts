import type { AnyActorLogic } from 'xstate'
import type { Closing, StepOutcome } from '../machines/workflow-changes.ts'
import type { WorkflowContext } from '../machines/workflow-context.ts'
import type { PlannedStep, WorkflowPlan } from '../machines/workflow-step.ts'
import type { RunnerCommand } from '../machines/workflow.machine.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import { createRunAccount } from './step-budget.ts'
import { closeRun } from './run-closing.ts'
import type { StepBody, WorkflowBodies } from './step-body.ts'
import { errorValue } from '../runtime/protocol/errors.ts'
import { abortJob, createStepJob, outcomeOf, type StepJob, takeProgress } from './step-job.ts'
import { decideStep, resumeStep, startStep } from './step-start.ts'

/**
 * The hands of a run: one service for all of its steps. It starts what the chart commands, tells how it ended, and
 * reports on the way, at most once a step in each turn of the event loop.
 */
export function workflowRunner(plan: WorkflowPlan, bodies: WorkflowBodies): AnyActorLogic {
  return fromService<RunnerCommand, undefined>((service) => {
    const jobs = new Map<string, StepJob>()
    const account = createRunAccount(service, plan)
    let open = true
    let takeBack: (() => void) | null = null

    function reportLater(): void {
      takeBack ??= service.afterwards(report)
    }

    function report(): void {
      takeBack = null
      for (const job of jobs.values()) {
        if (!job.changed) continue
        try {
          service.tell({ type: `step.${job.step.name}.progress`, progress: takeProgress(job) })
        } catch (error) {
          fail(job, error)
        }
      }
    }

    // A durable run cannot keep what is no plain data.
    function fail(job: StepJob, error: unknown): void {
      abortJob(job, 'the run cannot keep what it came to')
      jobs.delete(job.step.name)
      const outcome = outcomeOf(job, 'failed', errorValue(error).message, { final: true })
      service.tell({ type: `step.${job.step.name}.failed`, outcome, at: job.startedAt })
    }

    function take(step: string, context: WorkflowContext): StepJob {
      const planned = plan.byName.get(step) as PlannedStep
      const job = createStepJob(service, planned, { context, account, reportLater })
      jobs.set(step, job)
      return job
    }

    function end(job: StepJob, verb: StepOutcome['status'] | 'wanted' | 'unwanted', outcome: StepOutcome | null): void {
      if (!job.open) return
      job.open = false
      jobs.delete(job.step.name)
      try {
        service.tell({ type: `step.${job.step.name}.${verb}`, outcome, at: job.startedAt })
      } catch (error) {
        fail(job, error)
      }
    }

    function close(closing: Closing): void {
      try {
        service.tell({ type: 'run.closed', closing })
      } catch (error) {
        service.tell({ type: 'run.closed', closing: { at: closing.at, reason: errorValue(error).message } })
      }
    }

    function obey(command: RunnerCommand): void {
      switch (command.type) {
        case 'step.decide':
          return decideStep(take(command.step, command.context), bodyOf(bodies, command.step), end)
        case 'step.run':
          reportLater()
          return startStep(take(command.step, command.context), bodyOf(bodies, command.step), end)
        case 'step.resume':
          return resumeStep(take(command.step, command.context), bodyOf(bodies, command.step), end)
        case 'step.abort': {
          const job = jobs.get(command.step)
          jobs.delete(command.step)
          if (job) abortJob(job, `'${command.step}' took too long`)
          return
        }
        case 'run.close':
          void closeRun(plan, bodies, command.context, service.clock).then((closing) => {
            if (open) close(closing)
          })
      }
    }

    let early: RunnerCommand[] | null = []
    service.receive((command) => {
      if (!early) return obey(command)
      // A run that is cancelled before it has begun begins nothing.
      if (command.type === 'run.close') early = [command]
      else early.push(command)
    })
    void spawned().then(() => {
      const waiting = early ?? []
      early = null
      if (open) for (const command of waiting) obey(command)
    })
    return () => {
      open = false
      takeBack?.()
      for (const job of jobs.values()) abortJob(job, 'the run has ended')
    }
  })
}

// Who awaits `spawn` has the ref some promises later; by then it can listen, and the first events are not lost.
function spawned(): Promise<void> {
  const nothing = (): void => {}
  return Promise.resolve().then(nothing).then(nothing)
}

function bodyOf(bodies: WorkflowBodies, step: string): StepBody {
  return bodies.steps.get(step) as StepBody
}
