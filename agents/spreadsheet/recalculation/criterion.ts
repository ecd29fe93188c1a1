import { type Scalar, isError } from './formula-value.ts'
import { lookupKey, numericTextKey } from './evaluation-memory.ts'
import { wildcard, wildcardCost } from './wildcard.ts'
import { compareNumbers, compareText, parseNumberText } from './value-coercion.ts'

/** A condition of COUNTIF and its like. */
export interface Criterion {
  matches(value: Scalar): boolean
  /** What testing a value costs beside reading it. */
  cost(value: Scalar): number
  /** The keys of all values that match, when these can be named; see `lookupKey`. */
  readonly keys: readonly (string | number)[] | null
}

const noCost = (): number => 0

/** Reads a condition such as `5`, `">=10"`, `"<>"` or `"a*"`. */
export const criterionOf = (condition: Scalar, date1904: boolean): Criterion => {
  if (typeof condition !== 'string') return equalTo(condition ?? 0)
  const [, operator = '', operand = ''] = /^(<=|>=|<>|<|>|=)?([^]*)$/.exec(condition) ?? []
  const value = operandOf(operand, date1904)
  if (operator === '<>') {
    const equal = operand === '' ? isNothing : equalTo(value)
    return { ...equal, matches: (one) => !equal.matches(one), keys: null }
  }
  if (operator === '' || operator === '=') {
    if (operand !== '') return equalTo(value)
    return operator === '=' ? isNothing : isEmptyText
  }
  return { matches: (one) => compares(operator, one, value), cost: noCost, keys: null }
}

const isNothing: Criterion = { matches: (value) => value === null, cost: noCost, keys: null }

const isEmptyText: Criterion = { matches: (value) => value === null || value === '', cost: noCost, keys: null }

const operandOf = (text: string, date1904: boolean): Scalar => {
  const upper = text.trim().toUpperCase()
  if (upper === 'TRUE' || upper === 'FALSE') return upper === 'TRUE'
  return parseNumberText(text, date1904) ?? text
}

const equalTo = (wanted: Scalar): Criterion => {
  if (typeof wanted === 'number') {
    return {
      matches: (value) =>
        (typeof value === 'number' && compareNumbers(value, wanted) === 0) ||
        (typeof value === 'string' && parseNumberText(value, false) === wanted),
      cost: noCost,
      keys: [wanted === 0 ? 0 : wanted, numericTextKey(wanted)],
    }
  }
  if (typeof wanted === 'boolean') return { matches: (value) => value === wanted, cost: noCost, keys: [`b${wanted}`] }
  if (isError(wanted))
    return { matches: (value) => isError(value) && value.code === wanted.code, cost: noCost, keys: null }
  const text = wanted ?? ''
  const pattern = wildcard(text)
  if (pattern !== null) {
    return {
      matches: (value) => typeof value === 'string' && pattern(value),
      cost: (value) => (typeof value === 'string' ? wildcardCost(text, value) : 0),
      keys: null,
    }
  }
  if (/^#[A-Z/0-9]+[!?]?$/i.test(text)) {
    return { matches: (value) => isError(value) && value.code === text.toUpperCase(), cost: noCost, keys: null }
  }
  const key = lookupKey(text)
  return {
    matches: (value) => typeof value === 'string' && lookupKey(value) === key,
    cost: noCost,
    keys: key === null ? null : [key],
  }
}

const compares = (operator: string, value: Scalar, limit: Scalar): boolean => {
  let order: number
  if (typeof value === 'number' && typeof limit === 'number') order = compareNumbers(value, limit)
  else if (typeof value === 'string' && typeof limit === 'string') order = compareText(value, limit)
  else return false
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}
