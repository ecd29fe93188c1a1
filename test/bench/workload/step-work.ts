import { deepStrictEqual } from 'node:assert/strict'

/** How many steps a workflow has. */
export const STEPS = 10

/** What each step does: as good as nothing, but asynchronous as a model call is. */
export async function stepWork(value: number): Promise<number> {
  return value + 1
}

/** Fails unless ten steps led from 0 to 10. */
export function checkSteps(value: unknown): void {
  deepStrictEqual(value, STEPS, 'Ten steps that each add 1 to 0 must give 10.')
}
