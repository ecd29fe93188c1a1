import { isTroupeError } from '../../../runtime/index.ts'

/** The code of the error that a promise rejects with; `'none'` when it resolves. */
export function code(outcome: Promise<unknown>): Promise<string> {
  return outcome.then(
    () => 'none',
    (error: unknown) => (isTroupeError(error) ? error.code : String(error)),
  )
}

/** Lets time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Waits until the condition holds, two seconds at most: then the test's own expectation tells what is missing. */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries++) await pause(5)
}
