import { SSF } from '@e965/xlsx'
import { mapValues, matrixOf, operandOf, scalarOf } from './argument-values.ts'
import { type FunctionTable, range, scalar } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Scalar,
  UnsupportedFormula,
  errors,
  isError,
} from './formula-value.ts'
import { roundDecimal } from './math-functions.ts'
import { maxText } from './operators.ts'
import { parseNumberText, toBoolean, toNumber, toText } from './value-coercion.ts'
import { findWildcard, wildcardCost } from './wildcard.ts'

const many = 255

type Argument = string | number

/** Arguments as the letters of `kinds` say: `t` a text, `n` a number; those left out are undefined. */
const worded = (kinds: string, least: number, apply: (...values: (Argument | undefined)[]) => Scalar) =>
  scalar(least, kinds.length, (values, { date1904 }) => {
    const read: Argument[] = []
    for (const [at, value] of values.entries()) {
      const one = kinds.charAt(at) === 't' ? toText(value) : toNumber(value, date1904)
      if (typeof one === 'object') return one
      read.push(one)
    }
    const result = apply(...read)
    return typeof result === 'string' && result.length > maxText ? errors.value : result
  })

const textOf = (value: Argument | undefined, fallback = ''): string => (value === undefined ? fallback : String(value))
const numberArgument = (value: Argument | undefined, fallback: number): number =>
  value === undefined ? fallback : Math.trunc(Number(value))

const slice = (text: Argument | undefined, count: Argument | undefined, fromEnd: boolean): Scalar => {
  const whole = textOf(text)
  const length = numberArgument(count, 1)
  if (length < 0) return errors.value
  if (fromEnd) return length === 0 ? '' : whole.slice(-length)
  return whole.slice(0, length)
}

const find = (needle: string, hay: string, start: number, ignoresCase: boolean): Scalar => {
  if (start < 1 || start > hay.length + 1) return errors.value
  const at = ignoresCase ? findWildcard(needle, hay, start - 1) : hay.indexOf(needle, start - 1)
  return at < 0 ? errors.value : at + 1
}

const substitute = (text: string, old: string, fresh: string, which: number | null): Scalar => {
  if (old === '') return text
  if (which === null) return text.replaceAll(old, fresh)
  if (which < 1) return errors.value
  let at = -1
  for (let found = 0; found < which; found += 1) {
    at = text.indexOf(old, at + 1)
    if (at < 0) return text
  }
  return text.slice(0, at) + fresh + text.slice(at + old.length)
}

/** What stands before or after the nth mark; negative numbers count from the end. */
const splitAt = (text: string, mark: string, which: number, before: boolean): Scalar => {
  if (mark === '' || which === 0) return errors.value
  const parts = text.split(mark)
  const at = which > 0 ? which : parts.length + which
  if (at < 1 || at >= parts.length) return errors.notAvailable
  return (before ? parts.slice(0, at) : parts.slice(at)).join(mark)
}

const proper = (text: string): string =>
  text.toLowerCase().replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1))

const grouped = (value: number, places: number, hasCommas: boolean): string => {
  const rounded = roundDecimal(value, places, Math.round)
  const options = { minimumFractionDigits: Math.max(places, 0), maximumFractionDigits: Math.max(places, 0) }
  return rounded.toLocaleString('en-US', { ...options, useGrouping: hasCommas })
}

/** A value in a number format, as TEXT shows it. */
const formatValue = (value: Scalar, format: string, date1904: boolean): string | FormulaError => {
  if (isError(value)) return value
  const number = typeof value === 'string' ? (parseNumberText(value, date1904) ?? value) : value
  if (typeof number === 'boolean') return number ? 'TRUE' : 'FALSE'
  if (format === '') return ''
  try {
    return SSF.format(format, number ?? 0, { date1904 })
  } catch {
    throw new UnsupportedFormula(`TEXT with the format ${format}`)
  }
}

const joined = (
  values: readonly FormulaValue[],
  evaluation: Parameters<typeof matrixOf>[1],
): string[] | FormulaError => {
  const parts: string[] = []
  const problems: FormulaError[] = []
  for (const value of values) {
    for (const one of matrixOf(value, evaluation).values) {
      const text = toText(one)
      if (typeof text === 'string') parts.push(text)
      else problems.push(text)
    }
  }
  return problems[0] ?? parts
}

const limited = (text: string): Scalar => (text.length > maxText ? errors.value : text)

/** Texts. */
export const textFunctions: FunctionTable = {
  LEFT: worded('tn', 1, (text, count) => slice(text, count, false)),
  RIGHT: worded('tn', 1, (text, count) => slice(text, count, true)),
  MID: worded('tnn', 3, (text, start, count) => {
    const first = numberArgument(start, 1)
    const length = numberArgument(count, 0)
    return first < 1 || length < 0 ? errors.value : textOf(text).slice(first - 1, first - 1 + length)
  }),
  LEN: worded('t', 1, (text) => textOf(text).length),
  FIND: worded('ttn', 2, (needle, hay, start) => find(textOf(needle), textOf(hay), numberArgument(start, 1), false)),
  SEARCH: scalar(2, 3, ([needle = null, hay = null, start = 1], { cells, date1904 }) => {
    const wanted = toText(needle)
    const text = toText(hay)
    const first = toNumber(start, date1904)
    if (typeof wanted !== 'string') return wanted
    if (typeof text !== 'string') return text
    if (typeof first !== 'number') return first
    cells.spend(wildcardCost(wanted, text))
    return find(wanted, text, Math.trunc(first), true)
  }),
  SUBSTITUTE: worded('tttn', 3, (text, old, fresh, which) =>
    substitute(textOf(text), textOf(old), textOf(fresh), which === undefined ? null : numberArgument(which, 1)),
  ),
  REPLACE: worded('tnnt', 4, (text, start, count, fresh) => {
    const first = numberArgument(start, 1)
    const length = numberArgument(count, 0)
    if (first < 1 || length < 0) return errors.value
    const whole = textOf(text)
    return whole.slice(0, first - 1) + textOf(fresh) + whole.slice(first - 1 + length)
  }),
  UPPER: worded('t', 1, (text) => textOf(text).toUpperCase()),
  LOWER: worded('t', 1, (text) => textOf(text).toLowerCase()),
  PROPER: worded('t', 1, (text) => proper(textOf(text))),
  TRIM: worded('t', 1, (text) => textOf(text).replace(/ +/g, ' ').replace(/^ | $/g, '')),
  // oxlint-disable-next-line no-control-regex
  CLEAN: worded('t', 1, (text) => textOf(text).replace(/[\u0000-\u001F]/g, '')),
  REPT: worded('tn', 2, (text, count) => {
    const times = numberArgument(count, 0)
    const whole = textOf(text)
    return times < 0 || times * whole.length > maxText ? errors.value : whole.repeat(times)
  }),
  EXACT: worded('tt', 2, (one, other) => one === other),
  CODE: worded('t', 1, (text) => {
    const code = textOf(text).charCodeAt(0)
    if (Number.isNaN(code)) return errors.value
    if (code > 127) throw new UnsupportedFormula('CODE beyond ASCII')
    return code
  }),
  CHAR: worded('n', 1, (value) => {
    const code = numberArgument(value, 0)
    if (code < 1 || code > 255) return errors.value
    if (code > 127 && code < 160) throw new UnsupportedFormula('CHAR beyond ASCII')
    return String.fromCharCode(code)
  }),
  UNICODE: worded('t', 1, (text) => textOf(text).codePointAt(0) ?? errors.value),
  UNICHAR: worded('n', 1, (value) => {
    const code = numberArgument(value, 0)
    return code < 1 || code > 0x10_ff_ff ? errors.value : String.fromCodePoint(code)
  }),
  VALUE: scalar(1, 1, ([value = null], { date1904 }) => toNumber(value, date1904)),
  NUMBERVALUE: worded('ttt', 1, (text, point, group) => {
    const plain = textOf(text).replaceAll(textOf(group, ','), '').replace(textOf(point, '.'), '.').replaceAll(' ', '')
    return plain === '' ? 0 : (parseNumberText(plain, false) ?? errors.value)
  }),
  FIXED: scalar(1, 3, ([value = null, places = 2, noCommas = false], { date1904 }) => {
    const number = toNumber(value, date1904)
    const digits = toNumber(places, date1904)
    if (typeof number !== 'number') return number
    return typeof digits === 'number' ? grouped(number, Math.trunc(digits), toBoolean(noCommas) !== true) : digits
  }),
  DOLLAR: worded('nn', 1, (value, places) => {
    const number = Number(value)
    const text = `$${grouped(Math.abs(number), numberArgument(places, 2), true)}`
    return number < 0 ? `(${text})` : text
  }),
  TEXT: scalar(2, 2, ([value = null, format = null], { date1904 }) => {
    const code = toText(format)
    return typeof code === 'string' ? formatValue(value, code, date1904) : code
  }),
  TEXTBEFORE: worded('ttn', 2, (text, mark, which) =>
    splitAt(textOf(text), textOf(mark), numberArgument(which, 1), true),
  ),
  TEXTAFTER: worded('ttn', 2, (text, mark, which) =>
    splitAt(textOf(text), textOf(mark), numberArgument(which, 1), false),
  ),
  CONCATENATE: range(1, many, (values, evaluation) => {
    const join = (parts: readonly Scalar[]): Scalar => {
      let text = ''
      for (const part of parts) {
        const one = toText(part)
        if (typeof one !== 'string') return one
        text += one
      }
      return limited(text)
    }
    return mapValues(
      values.map((value) => operandOf(value, evaluation)),
      join,
      evaluation,
    )
  }),
  CONCAT: range(1, many, (values, evaluation) => {
    const parts = joined(values, evaluation)
    return Array.isArray(parts) ? limited(parts.join('')) : parts
  }),
  TEXTJOIN: range(3, many, ([separator = null, skip = null, ...values], evaluation) => {
    const between = toText(scalarOf(separator, evaluation))
    const skipsEmpty = toBoolean(scalarOf(skip, evaluation))
    if (typeof between !== 'string') return between
    if (typeof skipsEmpty !== 'boolean') return skipsEmpty
    const parts = joined(values, evaluation)
    if (!Array.isArray(parts)) return parts
    return limited((skipsEmpty ? parts.filter((one) => one !== '') : parts).join(between))
  }),
}
