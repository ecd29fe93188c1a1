import { parseDateText, parseTimeText } from './date-serial.ts'
import { type FormulaError, type Scalar, errors, isError } from './formula-value.ts'

/** A number as a spreadsheet writes it in a text: up to 15 significant digits. */
const numberText = (value: number): string => {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value === 0 ? 0 : value)
  const rounded = Number(value.toPrecision(15))
  const size = Math.abs(rounded)
  if (size < 1e21 && size >= 1e-9) {
    const plain = size >= 1e-6 ? String(rounded) : rounded.toFixed(20).replace(/0+$/, '')
    if (plain.replace('-', '').length <= 21) return plain
  }
  const [mantissa = '', exponent = '0'] = rounded.toExponential().split('e')
  const power = Number(exponent)
  return `${mantissa}E${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** A value as text. */
export const toText = (value: Scalar): string | FormulaError => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return value === null ? '' : value
}

/** The number that a text stands for (`1,234.5`, `$5`, `(3)`, `12%`, a date, a time), or null. */
export const parseNumberText = (text: string, date1904: boolean): number | null => {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const match = /^([-+]?)(\(?)([-+]?)\$? ?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(e[-+]?\d+)? ?(%?)(\)?)$/i.exec(
    trimmed,
  )
  if (match !== null) {
    const [, sign = '', opening = '', inner = '', digits = '', exponent = '', percent = '', closing = ''] = match
    if ((opening === '') !== (closing === '')) return null
    const value = Number(`${digits.replaceAll(',', '')}${exponent}`) / (percent === '' ? 1 : 100)
    if (!Number.isFinite(value)) return null
    const isNegative = ((sign === '-') !== (inner === '-')) !== (opening !== '')
    return isNegative ? -value : value
  }
  const date = parseDateText(trimmed, date1904)
  if (date !== null) return date
  const time = parseTimeText(trimmed)
  if (time !== null) return time
  const space = trimmed.indexOf(' ')
  if (space < 0) return null
  const day = parseDateText(trimmed.slice(0, space), date1904)
  const clock = parseTimeText(trimmed.slice(space + 1).trim())
  return day === null || clock === null ? null : day + clock
}

/** A value as a number, as arithmetic takes it. */
export const toNumber = (value: Scalar, date1904: boolean): number | FormulaError => {
  if (typeof value === 'number') return value
  if (value === null) return 0
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') return parseNumberText(value, date1904) ?? errors.value
  return value
}

/** A value as a condition. */
export const toBoolean = (value: Scalar): boolean | FormulaError => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (value === null) return false
  if (typeof value !== 'string') return value
  const upper = value.toUpperCase()
  if (upper === 'TRUE') return true
  return upper === 'FALSE' ? false : errors.value
}

const rank = (value: Scalar): number => {
  if (typeof value === 'number') return 0
  return typeof value === 'string' ? 1 : 2
}

const collator = new Intl.Collator('en', { sensitivity: 'accent', caseFirst: 'false' })

/** The order of two texts, case aside. */
export const compareText = (left: string, right: string): number => {
  if (left === right) return 0
  const one = left.toLowerCase()
  const other = right.toLowerCase()
  return one === other ? 0 : collator.compare(one, other) || (one < other ? -1 : 1)
}

/** The order of two numbers; those that agree in 15 digits are equal. */
export const compareNumbers = (left: number, right: number): number => {
  if (left === right) return 0
  const difference = left - right
  const isClose = Math.abs(difference) <= 1e-14 * Math.abs(left)
  if (isClose && left.toPrecision(15) === right.toPrecision(15)) return 0
  return difference
}

/** Spreadsheet order: numbers, then texts, then booleans; a blank is whatever the other side needs. Errors pass. */
export const compareScalars = (left: Scalar, right: Scalar): number | FormulaError => {
  if (isError(left)) return left
  if (isError(right)) return right
  const one = left === null ? blankLike(right) : left
  const other = right === null ? blankLike(left) : right
  if (typeof one === 'number' && typeof other === 'number') return compareNumbers(one, other)
  if (typeof one === 'string' && typeof other === 'string') return compareText(one, other)
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other)
  return rank(one) - rank(other)
}

const blankLike = (other: Scalar): number | string | boolean => {
  if (typeof other === 'string') return ''
  return typeof other === 'boolean' ? false : 0
}
