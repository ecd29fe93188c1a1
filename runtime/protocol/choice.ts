import { TroupeError } from './errors.ts'

/** Throws INVALID_MESSAGE, naming the choices, for a value that is none of them: code without types may give anything. */
export function assertChoice(value: unknown, choices: readonly string[], where: string): void {
  if (choices.some((choice) => choice === value)) return
  const given =
    typeof value === 'string' ? `'${value}'` : typeof value === 'object' && value ? 'an object' : String(value)
  throw new TroupeError('INVALID_MESSAGE', `${where} is ${given}`, {
    where,
    hint: `give '${choices.join("' or '")}'`,
  })
}
