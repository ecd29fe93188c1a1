import { type Duration, milliseconds } from '../protocol/duration.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'

/** The bounds of a number, both allowed. */
export interface PolicyRange {
  readonly from: number
  readonly to: number
  readonly whole?: boolean
}

/** Reads the fields of a policy as somebody wrote it. Each read throws INVALID_MESSAGE for what cannot be meant. */
export interface PolicyFields {
  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T
  number(name: string, range: PolicyRange, fallback: number): number
  /** In milliseconds, as the range is. */
  duration(name: string, range: PolicyRange, fallback: number): number
  part(name: string): unknown
}

/** The longest time a policy may name. */
export const YEAR = 365 * 86_400_000

/** The fields of `options`, which may have those named and no others; `where` is how errors call it. */
export function policyFields(options: unknown, where: string, names: readonly string[]): PolicyFields {
  const given = options ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) refuse(where, given, `give an object with ${names.join(', ')}`)
  const stranger = Object.keys(given).find((name) => !names.includes(name))
  if (stranger !== undefined) {
    const hint = `it may have ${names.join(', ')}`
    throw new TroupeError('INVALID_MESSAGE', `${where} has no field '${stranger}'`, {
      where: `${where}.${stranger}`,
      hint,
    })
  }
  const values = given as Readonly<Record<string, unknown>>
  return {
    choice(name, choices, fallback) {
      const value = values[name] ?? fallback
      const choice = choices.find((one) => one === value)
      return choice ?? refuse(`${where}.${name}`, value, `give one of '${choices.join("', '")}'`)
    },
    number(name, range, fallback) {
      const value = values[name] ?? fallback
      return typeof value === 'number' && isWithin(value, range)
        ? value
        : refuse(
            `${where}.${name}`,
            value,
            `give a ${range.whole ? 'whole ' : ''}number from ${range.from} to ${range.to}`,
          )
    },
    duration(name, range, fallback) {
      const value = lengthOf(values[name] ?? fallback, `${where}.${name}`)
      return isWithin(value, range)
        ? value
        : refuse(`${where}.${name}`, values[name], `give a time from ${range.from} to ${range.to} milliseconds`)
    },
    part: (name) => values[name],
  }
}

function isWithin(value: number, range: PolicyRange): boolean {
  return value >= range.from && value <= range.to && (!range.whole || Number.isInteger(value))
}

function lengthOf(value: unknown, where: string): number {
  try {
    return milliseconds(value as Duration)
  } catch (thrown) {
    return refuse(where, value, asTroupeError(thrown).hint ?? '')
  }
}

function refuse(where: string, value: unknown, hint: string): never {
  throw new TroupeError('INVALID_MESSAGE', `${where} is ${textOf(value)}`, { where, hint })
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'an object of another shape' : String(value)
}
