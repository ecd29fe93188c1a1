import type { StepJob } from './step-job.ts'

/** The key of an actor that a step spawns and gives none: the same whenever the step runs again. */
export function childKey({ hands, step }: StepJob, item?: string): string {
  const { owner } = hands
  const key = owner.slice(owner.indexOf('/', owner.indexOf('/') + 1) + 1)
  return item === undefined ? `${key}.${step.name}` : `${key}.${step.name}.${item}`
}
