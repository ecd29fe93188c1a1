import { createHash } from 'node:crypto'
import { TroupeError } from '../runtime/protocol/errors.ts'

const DEEPEST = 200

/**
 * What stands for a payload: the SHA-256 of its canonical JSON. The order of keys does not matter, and a field that is
 * undefined is not there. Inside a list undefined is null; -0 is 0; a date is its ISO text, so that a payload is the same
 * before and after a wire. Throws INVALID_MESSAGE, naming the place, for what JSON cannot tell apart: NaN, infinities,
 * functions, symbols, maps, sets and other instances, and for what is circular.
 */
export function payloadHash(payload: unknown): string {
  return createHash('sha256')
    .update(canonical(payload, 'payload', 0))
    .digest('hex')
}

function canonical(value: unknown, where: string, depth: number): string {
  if (depth > DEEPEST) throw unfit(where, `is deeper than ${DEEPEST} levels, or circular`)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
    case 'undefined':
      return 'null'
    case 'bigint':
      return `${value}n`
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value)
      throw unfit(where, `is ${value}`)
    case 'object':
      return value === null ? 'null' : ofObject(value, where, depth + 1)
    default:
      throw unfit(where, `is a ${typeof value}`)
  }
}

function ofObject(value: object, where: string, depth: number): string {
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => canonical(item, `${where}.${index}`, depth)).join(',')}]`
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unfit(where, 'is an invalid date')
    return JSON.stringify(value.toISOString())
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    throw unfit(
      where,
      `is a ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'strange object'}`,
    )
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field, `${where}.${name}`, depth)}`)
  return `{${fields.join(',')}}`
}

function unfit(where: string, what: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${where} ${what}, which does not tell one payload from another`, {
    where,
    hint: 'give plain data: objects, lists, texts, finite numbers, booleans, dates and null',
  })
}
