import { scalarOf } from './argument-values.ts'
import { dayCountFunctions } from './day-count-functions.ts'
import { dayOf, monthLength, parseDateText, parseTimeText, serialOf, weekdayOf } from './date-serial.ts'
import { type FormulaFunction, type FunctionTable, range, scalar } from './evaluation.ts'
import { type Scalar, VolatileFormula, errors, isError } from './formula-value.ts'
import { dated } from './numeric-function.ts'
import { toNumber } from './value-coercion.ts'

const part = (field: 'year' | 'month' | 'day') =>
  dated(1, 1, ([serial = 0], date1904) => dayOf(serial, date1904)?.[field] ?? errors.number)

const clock = (unit: 'hour' | 'minute' | 'second') =>
  dated(1, 1, ([serial = 0]) => {
    if (serial < 0) return errors.number
    // Times are held to the millisecond, and a second that is nearly over is over.
    const seconds = Math.round((serial - Math.floor(serial)) * 86_400_000) / 1000
    if (unit === 'hour') return Math.floor(seconds / 3600) % 24
    if (unit === 'minute') return Math.floor(seconds / 60) % 60
    return Math.round(seconds) % 60
  })

const addMonths = (serial: number, months: number, date1904: boolean, toEnd: boolean): Scalar => {
  const day = dayOf(serial, date1904)
  if (day === null) return errors.number
  const month = day.month - 1 + Math.trunc(months)
  const year = day.year + Math.floor(month / 12)
  const target = (((month % 12) + 12) % 12) + 1
  const length = monthLength(year, target)
  return serialOf(year, target, toEnd ? length : Math.min(day.day, length), date1904) ?? errors.number
}

const difference = (start: number, end: number, unit: string, date1904: boolean): Scalar => {
  const from = dayOf(start, date1904)
  const to = dayOf(end, date1904)
  if (from === null || to === null || start > end) return errors.number
  const months = (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0)
  switch (unit.toUpperCase()) {
    case 'Y':
      return Math.floor(months / 12)
    case 'M':
      return months
    case 'D':
      return Math.floor(end) - Math.floor(start)
    case 'YM':
      return months % 12
    case 'YD': {
      const year = to.month < from.month || (to.month === from.month && to.day < from.day) ? to.year - 1 : to.year
      return Math.floor(end) - (serialOf(year, from.month, from.day, date1904) ?? 0)
    }
    case 'MD': {
      if (to.day >= from.day) return to.day - from.day
      const before = to.month === 1 ? monthLength(to.year - 1, 12) : monthLength(to.year, to.month - 1)
      return before - from.day + to.day
    }
    default:
      return errors.number
  }
}

const days360 = (start: number, end: number, isEuropean: boolean, date1904: boolean): Scalar => {
  const from = dayOf(start, date1904)
  const to = dayOf(end, date1904)
  if (from === null || to === null) return errors.number
  let first = from.day
  let last = to.day
  if (isEuropean) {
    first = Math.min(first, 30)
    last = Math.min(last, 30)
  } else {
    if (from.month === 2 && first === monthLength(from.year, 2)) first = 30
    if (last === 31 && first >= 30) last = 30
    if (first === 31) first = 30
  }
  return (to.year - from.year) * 360 + (to.month - from.month) * 30 + last - first
}

const isoWeek = (serial: number, date1904: boolean): Scalar => {
  const thursday = Math.floor(serial) - ((weekdayOf(serial, date1904) + 6) % 7) + 3
  const year = dayOf(thursday, date1904)?.year
  const first = year === undefined ? null : serialOf(year, 1, 1, date1904)
  return first === null ? errors.number : Math.floor((thursday - first) / 7) + 1
}

const weekNumber = (serial: number, type: number, date1904: boolean): Scalar => {
  if (type === 21) return isoWeek(serial, date1904)
  const firstDay =
    type === 1 || type === 17 ? 0 : type === 2 || type === 11 ? 1 : type >= 12 && type <= 16 ? type - 10 : -1
  const year = dayOf(serial, date1904)?.year
  const january = year === undefined ? null : serialOf(year, 1, 1, date1904)
  if (january === null || firstDay < 0) return errors.number
  const shift = (weekdayOf(january, date1904) - firstDay + 7) % 7
  return Math.floor((Math.floor(serial) - january + shift) / 7) + 1
}

const weekday = (serial: number, type: number, date1904: boolean): Scalar => {
  if (serial < 0) return errors.number
  const day = weekdayOf(serial, date1904)
  if (type === 1) return day + 1
  if (type === 2) return ((day + 6) % 7) + 1
  if (type === 3) return (day + 6) % 7
  return type >= 11 && type <= 17 ? ((day - (type - 10) + 7) % 7) + 1 : errors.number
}

const volatile = (name: string): FormulaFunction =>
  range(0, 5, () => {
    throw new VolatileFormula(`function ${name}`)
  })

const fromText = (parse: (text: string, date1904: boolean) => number | null) =>
  range(1, 1, ([value = null], evaluation) => {
    const text = scalarOf(value, evaluation)
    if (isError(text)) return text
    return typeof text === 'string' ? (parse(text.trim(), evaluation.date1904) ?? errors.value) : errors.value
  })

/** Dates and times, as serial numbers. */
export const dateFunctions: FunctionTable = {
  ...dayCountFunctions,
  TODAY: volatile('TODAY'),
  NOW: volatile('NOW'),
  RAND: volatile('RAND'),
  RANDBETWEEN: volatile('RANDBETWEEN'),
  RANDARRAY: volatile('RANDARRAY'),
  DATE: dated(3, 3, ([year = 0, month = 0, day = 0], date1904) => {
    const full = year < 1900 ? year + 1900 : year
    if (year < 0 || full > 9999) return errors.number
    return serialOf(Math.trunc(full), Math.trunc(month), Math.trunc(day), date1904) ?? errors.number
  }),
  TIME: dated(3, 3, ([hours = 0, minutes = 0, seconds = 0]) => {
    const total = Math.trunc(hours) * 3600 + Math.trunc(minutes) * 60 + Math.trunc(seconds)
    return total < 0 ? errors.number : (total % 86_400) / 86_400
  }),
  YEAR: part('year'),
  MONTH: part('month'),
  DAY: part('day'),
  HOUR: clock('hour'),
  MINUTE: clock('minute'),
  SECOND: clock('second'),
  WEEKDAY: dated(1, 2, ([serial = 0, type = 1], date1904) => weekday(serial, type, date1904)),
  WEEKNUM: dated(1, 2, ([serial = 0, type = 1], date1904) => weekNumber(serial, type, date1904)),
  ISOWEEKNUM: dated(1, 1, ([serial = 0], date1904) => isoWeek(serial, date1904)),
  EDATE: dated(2, 2, ([serial = 0, months = 0], date1904) => addMonths(serial, months, date1904, false)),
  EOMONTH: dated(2, 2, ([serial = 0, months = 0], date1904) => addMonths(serial, months, date1904, true)),
  DAYS: dated(2, 2, ([end = 0, start = 0]) => Math.floor(end) - Math.floor(start)),
  DAYS360: dated(2, 3, ([start = 0, end = 0, european = 0], date1904) => days360(start, end, european !== 0, date1904)),
  DATEDIF: scalar(3, 3, ([start = null, end = null, unit = null], { date1904 }) => {
    const from = toNumber(start, date1904)
    const to = toNumber(end, date1904)
    if (typeof from !== 'number') return from
    return typeof to === 'number' ? difference(from, to, typeof unit === 'string' ? unit : '', date1904) : to
  }),
  DATEVALUE: fromText((text, date1904) => parseDateText(text.split(/ (?=\d+:)/)[0] ?? text, date1904)),
  TIMEVALUE: fromText((text) => {
    const time = parseTimeText(text.includes(' ') && !/^\d+:/.test(text) ? text.slice(text.indexOf(' ') + 1) : text)
    return time === null ? null : time % 1
  }),
}
