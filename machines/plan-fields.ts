import { TroupeError } from '../runtime/protocol/errors.ts'

/** Throws INVALID_MESSAGE, saying where, for what is no object, or has a field that is none of those named. */
export function checkPlanFields(value: unknown, where: string, names: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw planFault(where, `${where} is ${kindOf(value)}`, `give an object with ${names.join(', ')}`)
  }
  const stranger = Object.keys(value).find((name) => !names.includes(name))
  if (stranger === undefined) return
  throw planFault(`${where}.${stranger}`, `${where} has no field '${stranger}'`, `it may have ${names.join(', ')}`)
}

/** The list, which may be left out. Throws INVALID_MESSAGE, saying where, for what is none. */
export function planList<T>(value: readonly T[] | undefined, where: string): readonly T[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw planFault(where, `${where} is ${kindOf(value)}`, 'give a list: [ ... ]')
}

/** The error of what a planner cannot go by. */
export function planFault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
