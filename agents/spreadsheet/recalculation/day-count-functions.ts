import { numberOf, numbersOf, scalarOf } from './argument-values.ts'
import { type CalendarDay, dayOf, monthLength, weekdayOf } from './date-serial.ts'
import { type Evaluation, type FormulaFunction, type FunctionTable, range } from './evaluation.ts'
import { type FormulaError, type FormulaValue, type Scalar, errors, finite } from './formula-value.ts'

/** Which days of the week are free, from Sunday on. */
type FreeDays = readonly boolean[]

const standard: FreeDays = [true, false, false, false, false, false, true]

const isLeap = (year: number): boolean => monthLength(year, 2) === 29

const isFebruaryEnd = (day: CalendarDay): boolean => day.month === 2 && day.day === monthLength(day.year, 2)

const days30 = (from: CalendarDay, to: CalendarDay, isEuropean: boolean): number => {
  let first = from.day
  let last = to.day
  if (isEuropean) {
    first = Math.min(first, 30)
    last = Math.min(last, 30)
  } else {
    if (isFebruaryEnd(from) && isFebruaryEnd(to)) last = 30
    if (isFebruaryEnd(from)) first = 30
    if (last === 31 && first >= 30) last = 30
    if (first === 31) first = 30
  }
  return (to.year - from.year) * 360 + (to.month - from.month) * 30 + last - first
}

/** The mean length of the years between two days, as the actual/actual basis takes it. */
const yearLength = (from: CalendarDay, to: CalendarDay): number => {
  const isWithinYear =
    from.year === to.year ||
    (from.year + 1 === to.year && (from.month > to.month || (from.month === to.month && from.day >= to.day)))
  if (!isWithinYear) {
    let days = 0
    for (let year = from.year; year <= to.year; year += 1) days += isLeap(year) ? 366 : 365
    return days / (to.year - from.year + 1)
  }
  if (from.year === to.year) return isLeap(from.year) ? 366 : 365
  const hasLeapDay =
    (isLeap(from.year) && from.month <= 2) || (isLeap(to.year) && (to.month > 2 || (to.month === 2 && to.day === 29)))
  return hasLeapDay ? 366 : 365
}

const yearFraction = (one: number, other: number, basis: number, date1904: boolean): Scalar => {
  const start = Math.floor(Math.min(one, other))
  const end = Math.floor(Math.max(one, other))
  const from = dayOf(start, date1904)
  const to = dayOf(end, date1904)
  if (from === null || to === null) return errors.number
  switch (Math.trunc(basis)) {
    case 0:
      return days30(from, to, false) / 360
    case 1:
      return (end - start) / yearLength(from, to)
    case 2:
      return (end - start) / 360
    case 3:
      return (end - start) / 365
    case 4:
      return days30(from, to, true) / 360
    default:
      return errors.number
  }
}

/** The free days that a number (1 to 7, 11 to 17) or a text such as `0000011` stands for. */
const freeDaysOf = (value: FormulaValue | undefined, evaluation: Evaluation): FreeDays | FormulaError => {
  const given = value === undefined ? null : scalarOf(value, evaluation)
  if (given === null) return standard
  if (typeof given === 'string') {
    if (!/^[01]{7}$/.test(given) || given === '1111111') return errors.value
    const fromMonday = Array.from(given, (one) => one === '1')
    return [fromMonday[6] ?? false, ...fromMonday.slice(0, 6)]
  }
  const number = numberOf(given, evaluation)
  if (typeof number !== 'number') return number
  if (number >= 11 && number <= 17) return standard.map((_, day) => day === number - 11)
  if (number < 1 || number > 7) return errors.number
  const first = (number + 5) % 7
  return standard.map((_, day) => day === first || day === (first + 1) % 7)
}

const holidaysOf = (value: FormulaValue | undefined, evaluation: Evaluation): ReadonlySet<number> | FormulaError => {
  if (value === undefined || value === null) return new Set()
  const numbers = numbersOf([value], evaluation)
  return Array.isArray(numbers) ? new Set(numbers.map(Math.floor)) : numbers
}

const latest = 2_958_465

type WorkingDays = (start: number, other: number, isFree: (day: number) => boolean) => Scalar

const working = (apply: WorkingDays, hasFreeDays: boolean): FormulaFunction =>
  range(2, hasFreeDays ? 4 : 3, ([first, second, third, fourth], evaluation) => {
    const start = numberOf(first, evaluation)
    const other = numberOf(second, evaluation)
    const freeDays = hasFreeDays ? freeDaysOf(third, evaluation) : standard
    const holidays = holidaysOf(hasFreeDays ? fourth : third, evaluation)
    if (typeof start !== 'number') return start
    if (typeof other !== 'number') return other
    if ('kind' in freeDays) return freeDays
    if ('kind' in holidays) return holidays
    if (start < 0 || start > latest || Math.abs(other) > latest) return errors.number
    evaluation.cells.spend(Math.abs(other - start))
    const { date1904 } = evaluation
    return apply(
      Math.floor(start),
      Math.trunc(other),
      (day) => freeDays[weekdayOf(day, date1904)] === true || holidays.has(day),
    )
  })

const workingDays: WorkingDays = (start, end, isFree) => {
  const from = Math.min(start, end)
  const to = Math.max(start, end)
  let count = 0
  for (let day = from; day <= to; day += 1) if (!isFree(day)) count += 1
  return start <= end ? count : -count
}

const workingDay: WorkingDays = (start, days, isFree) => {
  const step = Math.sign(days)
  let day = start
  for (let left = Math.abs(days); left > 0; ) {
    day += step
    if (day < 0 || day > latest) return errors.number
    if (!isFree(day)) left -= 1
  }
  return day
}

/** Days, working days and years between two dates. */
export const dayCountFunctions: FunctionTable = {
  NETWORKDAYS: working(workingDays, false),
  'NETWORKDAYS.INTL': working(workingDays, true),
  WORKDAY: working(workingDay, false),
  'WORKDAY.INTL': working(workingDay, true),
  YEARFRAC: range(2, 3, ([first, second, third], evaluation) => {
    const one = numberOf(first, evaluation)
    const other = numberOf(second, evaluation)
    const basis = numberOf(third, evaluation)
    if (typeof one !== 'number') return one
    if (typeof other !== 'number') return other
    if (typeof basis !== 'number') return basis
    const share = yearFraction(one, other, basis, evaluation.date1904)
    return typeof share === 'number' ? finite(share) : share
  }),
}
