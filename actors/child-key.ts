import { parseAddress } from '../runtime/protocol/address.ts'
import type { StepJob } from './step-job.ts'

/** The key of an actor that a step spawns and gives none: the same whenever the step runs again. */
export function childKey({ hands, step }: StepJob): string {
  return `${parseAddress(hands.owner).key}.${step.name}`
}
