import { TroupeError } from '../runtime/protocol/errors.ts'
import { addUsage } from './actor-work.ts'
import { openItemNode, openStepNode } from './step-budget.ts'
import { change, signalOf, type StepJob } from './step-job.ts'
import type { DecisionScope, ItemScope, StepScope } from './workflow-scope.ts'

type Loose = Readonly<Record<string, unknown>>

const JOB = Symbol('troupe.job')

interface Behind {
  readonly [JOB]: StepJob
}

// One set of getters for all scopes: a step pays for what it takes out, and most take two things of a dozen.
const prototype: StepScope<unknown, Loose> & ThisType<Behind> = {
  get input() {
    return this[JOB].context.input
  },
  get results() {
    return this[JOB].context.results
  },
  get attempt() {
    const { context, step } = this[JOB]
    return context.steps[step.name]?.attempts ?? 1
  },
  get idempotencyKey() {
    const { hands, step } = this[JOB]
    return `${hands.idempotencyKey}:${step.name}`
  },
  get budget() {
    return this[JOB].step.budget
  },
  get budgetNode() {
    const job = this[JOB]
    return () => openStepNode(job)
  },
  get signal() {
    return signalOf(this[JOB])
  },
  get progress() {
    const job = this[JOB]
    return (note: string) => {
      assertNote(note, job)
      job.note = note
      change(job)
    }
  },
  get spend() {
    const job = this[JOB]
    return (usage: Parameters<typeof addUsage>[1]) => {
      addUsage(job, usage)
      change(job)
    }
  },
  get owner() {
    return this[JOB].hands.owner
  },
  get principal() {
    return this[JOB].hands.principal
  },
  get clock() {
    return this[JOB].hands.clock
  },
  get random() {
    return this[JOB].hands.random
  },
  get spawn() {
    return this[JOB].hands.spawn
  },
  get ref() {
    return this[JOB].hands.ref
  },
}

// Code without types may give anything, and a note is announced.
function assertNote(note: unknown, { step }: StepJob): void {
  if (typeof note === 'string') return
  throw new TroupeError('INVALID_MESSAGE', `the progress of '${step.name}' is a ${typeof note}`, {
    where: step.name,
    hint: 'give a string',
  })
}

/** What the function of a step is given. */
export function stepScope(job: StepJob): StepScope<unknown, Loose> {
  const scope = Object.create(prototype) as { [JOB]: StepJob } & StepScope<unknown, Loose>
  scope[JOB] = job
  return scope
}

/** What the function of a map step is given for one item. */
export function itemScope(job: StepJob, item: unknown, index: number): ItemScope<unknown, Loose, unknown> {
  const scope = Object.assign(stepScope(job), { item, index })
  const key = `${scope.idempotencyKey}:${index}`
  // Without a budget an item's node is its step's: null.
  if (job.account) {
    const value = (weight?: (item: unknown) => number) => openItemNode(job, index, weight)
    Object.defineProperty(scope, 'budgetNode', { value })
  }
  return Object.defineProperty(scope, 'idempotencyKey', { value: key })
}

/** What a decision about the step may look at. */
export function decisionScope({ context, step }: StepJob): DecisionScope<unknown, Loose> {
  return { input: context.input, results: context.results, budget: step.budget }
}
