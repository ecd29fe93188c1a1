import { TroupeError } from '../runtime/protocol/errors.ts'

/** What a condition of a plan can ask of a fact. */
export type PlanOperator = 'equals' | 'contains' | 'regex' | 'exists' | 'gt' | 'lt'

/** One condition over the facts. Of a fact that is missing all are false, but for `exists` with the value false. */
export interface PlanCondition {
  /** Where the fact is, by its dots: `sheet.rows`, `files.0.name`. */
  readonly path: string
  readonly operator: PlanOperator
  /**
   * `equals`: any data; `contains`: a part of a text, or an item of a list; `regex`: a pattern, for the first 2 000
   * characters of a text; `gt` and `lt`: a number, or a text for texts; `exists`: default true.
   */
  readonly value?: unknown
}

/** A condition, ready to be held against facts. */
export type PlanTest = (facts: unknown) => boolean

/** How much of a text a pattern sees: what facts say may come from anywhere, and patterns can take very long. */
const LONGEST_TEXT = 2_000

const MISSING = Symbol('missing')

const TESTS: Readonly<Record<PlanOperator, (value: unknown, where: string) => (fact: unknown) => boolean>> = {
  equals: (value) => (fact) => isSame(fact, value),
  contains: (value) => (fact) => {
    if (Array.isArray(fact)) return fact.some((item) => isSame(item, value))
    return typeof fact === 'string' && typeof value === 'string' && fact.includes(value)
  },
  regex(value, where) {
    const pattern = compile(value, where)
    return (fact) => typeof fact === 'string' && pattern.test(fact.slice(0, LONGEST_TEXT))
  },
  exists(value = true, where = '') {
    if (typeof value !== 'boolean') throw fault(where, `${where} asks for ${typeof value}`, 'give true or false')
    return (fact) => (fact !== MISSING) === value
  },
  gt: (value, where) => comparison(value, where, (fact, bound) => fact > bound),
  lt: (value, where) => comparison(value, where, (fact, bound) => fact < bound),
}

/** Makes a condition ready. Throws INVALID_MESSAGE, saying where, for one that cannot be. */
export function planTest(condition: PlanCondition, where: string): PlanTest {
  const { path, operator, value } = condition
  if (!Object.hasOwn(TESTS, operator)) {
    const known = Object.keys(TESTS).join(', ')
    throw fault(where, `${where} has the operator '${operator}', which is not there`, `use one of ${known}`)
  }
  if (typeof path !== 'string' || path === '') {
    throw fault(where, `${where} has no path`, "say where the fact is: { path: 'sheet.rows', ... }")
  }
  const test = TESTS[operator](value, where)
  const steps = path.split('.')
  return operator === 'exists'
    ? (facts) => test(factAt(facts, steps))
    : (facts) => {
        const fact = factAt(facts, steps)
        return fact !== MISSING && test(fact)
      }
}

// Only what the facts have of their own: `constructor` is none.
function factAt(facts: unknown, steps: readonly string[]): unknown {
  let found = facts
  for (const step of steps) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return MISSING
    found = (found as Readonly<Record<string, unknown>>)[step]
  }
  return found === undefined ? MISSING : found
}

type Ordered = number | string

function comparison(value: unknown, where: string, holds: (fact: Ordered, bound: Ordered) => boolean) {
  if ((typeof value !== 'number' || Number.isNaN(value)) && typeof value !== 'string') {
    throw fault(where, `${where} compares with ${typeof value}`, 'give a number, or a text to compare texts with')
  }
  return (fact: unknown): boolean => typeof fact === typeof value && holds(fact as Ordered, value)
}

function compile(value: unknown, where: string): RegExp {
  const { source, flags } = value instanceof RegExp ? value : { source: value, flags: '' }
  if (typeof source !== 'string') throw fault(where, `${where} has no pattern`, "give a text such as '^inv-[0-9]+$'")
  if (repeatsRepetition(source)) {
    throw fault(
      where,
      `${where} repeats what is repeated: '${source}'`,
      'such a pattern can take for ever: write it flat',
    )
  }
  try {
    // One that remembers where it was would match every other time.
    return new RegExp(source, flags.replaceAll(/[gy]/g, ''))
  } catch (cause) {
    throw fault(where, `${where} has a pattern that cannot be: ${(cause as Error).message}`, 'correct the pattern')
  }
}

// True for a group with a repetition in it that is repeated itself, as (a+)+: its time doubles with each character.
function repeatsRepetition(source: string): boolean {
  const groups: boolean[] = [false]
  let inClass = false
  for (let index = 0; index < source.length; index++) {
    const sign = source[index]
    if (sign === '\\') index++
    else if (inClass) inClass = sign !== ']'
    else if (sign === '[') inClass = true
    else if (sign === '(') groups.push(false)
    else if (sign === ')') {
      const repeats = groups.pop() ?? false
      const isRepeated = /^(?:[*+]|\{\d+,(?:\d+)?\}|\{\d{2,}\})/.test(source.slice(index + 1))
      if (repeats && isRepeated) return true
      if ((repeats || isRepeated) && groups.length > 0) groups[groups.length - 1] = true
    } else if (sign === '*' || sign === '+' || (sign === '{' && /^\{\d+,\d*\}/.test(source.slice(index)))) {
      groups[groups.length - 1] = true
    }
  }
  return false
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other) || one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (one instanceof Date || other instanceof Date) {
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime()
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && isSame(one[key as never], other[key as never]))
}

function fault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}
