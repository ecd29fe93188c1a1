import { isTroupeError, TroupeError } from '../protocol/errors.ts'

const WHERE = 'command line'

/** An error of whoever typed the command: it ends with exit code 2 and the hint. */
export function usageError(message: string, hint?: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: WHERE, ...(hint === undefined ? {} : { hint }) })
}

/** True for an error of whoever typed the command. */
export function isUsageError(error: unknown): error is TroupeError {
  return isTroupeError(error) && error.where === WHERE
}

/** The option as a whole number from `least` up; undefined when it was not given. */
export function wholeNumber(value: string | boolean | undefined, name: string, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (typeof value === 'string' && /^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number
  throw usageError(`--${name} takes a whole number from ${least}, not '${String(value)}'`)
}
