import { checkPlanFields, planFault } from './plan-fields.ts'

/** What a condition of a plan can ask of a fact. */
export type PlanOperator = 'equals' | 'contains' | 'regex' | 'exists' | 'gt' | 'lt'

/** One condition over the facts. Of a fact that is missing all are false, but for `exists` with the value false. */
export interface PlanCondition {
  /** Where the fact is, by its dots: `sheet.rows`, `files.0.name`. */
  readonly path: string
  readonly operator: PlanOperator
  /**
   * `equals`: any data; `contains`: a part of a text, or an item of a list; `regex`: a pattern, for the first 2 000
   * characters of a text; `gt` and `lt`: a number, or a date such as '2026-11-21' for dates; `exists`: default true.
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
    if (typeof value !== 'boolean') throw planFault(where, `${where} asks for ${typeof value}`, 'give true or false')
    return (fact) => (fact !== MISSING) === value
  },
  gt: (value, where) => comparison(value, where, (fact, bound) => fact > bound),
  lt: (value, where) => comparison(value, where, (fact, bound) => fact < bound),
}

/** Makes a condition ready. Throws INVALID_MESSAGE, saying where, for one that cannot be. */
export function planTest(condition: PlanCondition, where: string): PlanTest {
  checkPlanFields(condition, where, ['path', 'operator', 'value'])
  const { path, operator, value } = condition
  if (!Object.hasOwn(TESTS, operator)) {
    const known = Object.keys(TESTS).join(', ')
    throw planFault(where, `${where} has the operator '${operator}', which is not there`, `use one of ${known}`)
  }
  if (typeof path !== 'string' || path === '') {
    throw planFault(where, `${where} has no path`, "say where the fact is: { path: 'sheet.rows', ... }")
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

// Of texts only dates are in the order in which people mean them.
const DATE = /^\d{4}-\d{2}-\d{2}(?:T|$)/

function comparison(value: unknown, where: string, holds: (fact: Ordered, bound: Ordered) => boolean) {
  if (!isOrdered(value)) {
    const shown = typeof value === 'string' ? `'${value}'` : typeof value
    throw planFault(where, `${where} compares with ${shown}`, "give a number, or a date such as '2026-11-21'")
  }
  return (fact: unknown): boolean => typeof fact === typeof value && isOrdered(fact) && holds(fact, value)
}

function isOrdered(value: unknown): value is Ordered {
  return (typeof value === 'number' && !Number.isNaN(value)) || (typeof value === 'string' && DATE.test(value))
}

function compile(value: unknown, where: string): RegExp {
  const { source, flags } = value instanceof RegExp ? value : { source: value, flags: '' }
  if (typeof source !== 'string')
    throw planFault(where, `${where} has no pattern`, "give a text such as '^inv-[0-9]+$'")
  if (repeatsAmbiguity(source)) {
    throw planFault(
      where,
      `${where} repeats what can be read in several ways: '${source}'`,
      'such a pattern can take for ever: write it flat',
    )
  }
  try {
    // One that remembers where it was would match every other time.
    return new RegExp(source, flags.replaceAll(/[gy]/g, ''))
  } catch (cause) {
    throw planFault(where, `${where} has a pattern that cannot be: ${(cause as Error).message}`, 'correct the pattern')
  }
}

// What is read of a group so far.
interface PatternGroup {
  /** The same text may be read in several ways. */
  open: boolean
  /** The first signs of its alternatives, in lower case. */
  readonly starts: string[]
}

const LITERAL = /^[\p{L}\p{N} _,:;#@%&=<>!"'~/-]/u
const GROUP_KIND = /^\?(?:[:=!]|<[=!]|<[^>]*>)/

// True for a group that is repeated and can be read in several ways itself, as (a+)+, (a|ab)* or (a?){20}: the time that it
// takes doubles with each character.
function repeatsAmbiguity(source: string): boolean {
  const groups: PatternGroup[] = [{ open: false, starts: [] }]
  let inClass = false
  for (let index = 0; index < source.length; index++) {
    const sign = source[index]
    const group = groups.at(-1)
    if (sign === '\\') index++
    else if (inClass) inClass = sign !== ']'
    else if (sign === '[') inClass = true
    else if (sign === '(') {
      index += GROUP_KIND.exec(source.slice(index + 1))?.[0].length ?? 0
      groups.push({ open: false, starts: [startAt(source, index + 1)] })
    } else if (sign === '|') group?.starts.push(startAt(source, index + 1))
    else if (sign === ')') {
      const isOpen = isAmbiguous(groups.pop())
      const isRepeated = /^(?:[*+]|\{\d+,(?:\d+)?\}|\{\d{2,}\})/.test(source.slice(index + 1))
      if (isOpen && isRepeated) return true
      const outer = groups.at(-1)
      if (outer && (isOpen || isRepeated)) outer.open = true
    } else if (group && (/[*+?]/.test(sign ?? '') || /^\{\d+,\d*\}/.test(source.slice(index)))) group.open = true
  }
  return false
}

// Alternatives that begin with different letters exclude each other; of others that is not known.
function isAmbiguous(group: PatternGroup | undefined): boolean {
  if (!group || group.open) return group !== undefined
  return group.starts.length > 1 && (group.starts.includes('') || new Set(group.starts).size < group.starts.length)
}

function startAt(source: string, index: number): string {
  return LITERAL.exec(source.slice(index, index + 2))?.[0].toLowerCase() ?? ''
}

// What is deeper than this, or circular, is the same as nothing but itself.
const DEEPEST = 200

function isSame(one: unknown, other: unknown, depth = 0): boolean {
  if (Object.is(one, other) || one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (depth > DEEPEST) return false
  if (one instanceof Date || other instanceof Date) {
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime()
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && isSame(one[key as never], other[key as never], depth + 1))
}
