import { matrixOf, numberOf, numbersOf } from './argument-values.ts'
import { type FunctionTable, range } from './evaluation.ts'
import { type FormulaError, errors, finite } from './formula-value.ts'
import { numeric } from './numeric-function.ts'

const payment = (rate: number, periods: number, present: number, future: number, due: number): number => {
  if (rate === 0) return -(present + future) / periods
  const growth = (1 + rate) ** periods
  return (-rate * (future + present * growth)) / ((1 + rate * due) * (growth - 1))
}

const futureValue = (rate: number, periods: number, paid: number, present: number, due: number): number => {
  if (rate === 0) return -(present + paid * periods)
  const growth = (1 + rate) ** periods
  return -present * growth - (paid * (1 + rate * due) * (growth - 1)) / rate
}

const presentValue = (rate: number, periods: number, paid: number, future: number, due: number): number => {
  if (rate === 0) return -(future + paid * periods)
  const growth = (1 + rate) ** periods
  return -(future + (paid * (1 + rate * due) * (growth - 1)) / rate) / growth
}

const interest = (
  rate: number,
  period: number,
  periods: number,
  present: number,
  future: number,
  due: number,
): number => {
  const paid = payment(rate, periods, present, future, due)
  if (period === 1) return due === 1 ? 0 : -present * rate
  const owed = futureValue(rate, period - (due === 1 ? 2 : 1), paid, present, due) - (due === 1 ? paid : 0)
  return owed * rate
}

const periodCount = (
  rate: number,
  paid: number,
  present: number,
  future: number,
  due: number,
): number | FormulaError => {
  if (rate === 0) return paid === 0 ? errors.division : -(present + future) / paid
  const level = paid * (1 + rate * due)
  return Math.log((level - future * rate) / (level + present * rate)) / Math.log(1 + rate)
}

/** Passes over the flows until a rate is found: ten where secants settle, some hundreds where they do not. */
const searchCost = 32

/** A zero of a smooth function: by secants from the guess, then by halving where they do not settle. */
const solve = (value: (rate: number) => number, guess: number): number | null => {
  let first = guess
  let second = guess === 0 ? 0.01 : guess * 1.1
  let valueFirst = value(first)
  let valueSecond = value(second)
  for (let step = 0; step < 60 && Number.isFinite(valueSecond) && valueSecond !== valueFirst; step += 1) {
    const next = second - (valueSecond * (second - first)) / (valueSecond - valueFirst)
    if (!Number.isFinite(next) || next <= -1) break
    if (Math.abs(next - second) < 1e-14 * Math.max(1, Math.abs(next))) return next
    first = second
    valueFirst = valueSecond
    second = next
    valueSecond = value(second)
    if (valueSecond === 0) return second
  }
  return bisect(value, guess)
}

const bisect = (value: (rate: number) => number, guess: number): number | null => {
  const marks = [-0.9999, -0.9, -0.5, -0.2, -0.05, 0, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100]
  const brackets = marks.slice(1).flatMap((high, at) => {
    const low = marks[at] ?? 0
    return value(low) * value(high) <= 0 ? [{ low, high }] : []
  })
  const nearest = brackets.toSorted((a, b) => Math.abs(a.low - guess) - Math.abs(b.low - guess))[0]
  if (nearest === undefined) return null
  let { low, high } = nearest
  const isRising = value(low) < value(high)
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2
    if (value(middle) > 0 === isRising) high = middle
    else low = middle
  }
  return (low + high) / 2
}

const discounted = (rate: number, flows: readonly number[]): number => {
  let sum = 0
  for (let at = flows.length - 1; at >= 0; at -= 1) sum = (sum + (flows[at] ?? 0)) / (1 + rate)
  return sum
}

const depreciation = (
  cost: number,
  salvage: number,
  life: number,
  period: number,
  factor = 2,
): number | FormulaError => {
  if (cost < 0 || salvage < 0 || life <= 0 || period <= 0 || period > life || factor <= 0) return errors.number
  const rate = Math.min(factor / life, 1)
  let book = cost
  let lost = 0
  for (let at = 1; at <= Math.min(Math.ceil(period), 10_000); at += 1) {
    lost = Math.max(0, Math.min(book * rate, book - salvage))
    book -= lost
  }
  return lost
}

/** Depreciation by a fixed rate of three decimals; the first year has `months`, and what it lacks follows the last. */
const fixedDeclining = (
  cost: number,
  salvage: number,
  life: number,
  period: number,
  months: number,
): number | FormulaError => {
  const last = months < 12 ? life + 1 : life
  if (cost < 0 || salvage < 0 || life <= 0 || period < 1 || period > last || months < 1 || months > 12)
    return errors.number
  if (cost === 0) return 0
  const rate = Math.round((1 - (salvage / cost) ** (1 / life)) * 1000) / 1000
  let lost = (cost * rate * months) / 12
  let total = lost
  for (let at = 2; at <= Math.min(Math.trunc(period), 10_000); at += 1) {
    lost = (cost - total) * rate * (at > life ? (12 - months) / 12 : 1)
    total += lost
  }
  return lost
}

/** Loans, annuities, cash flows and depreciation. */
export const annuityFunctions: FunctionTable = {
  PMT: numeric(3, 5, (rate, periods = 0, present = 0, future = 0, due = 0) =>
    periods === 0 ? errors.number : payment(rate, periods, present, future, due),
  ),
  FV: numeric(3, 5, (rate, periods = 0, paid = 0, present = 0, due = 0) =>
    futureValue(rate, periods, paid, present, due),
  ),
  PV: numeric(3, 5, (rate, periods = 0, paid = 0, future = 0, due = 0) =>
    presentValue(rate, periods, paid, future, due),
  ),
  NPER: numeric(3, 5, (rate, paid = 0, present = 0, future = 0, due = 0) =>
    periodCount(rate, paid, present, future, due),
  ),
  IPMT: numeric(4, 6, (rate, period = 1, periods = 1, present = 0, future = 0, due = 0) =>
    period < 1 || period > periods ? errors.number : interest(rate, period, periods, present, future, due),
  ),
  PPMT: numeric(4, 6, (rate, period = 1, periods = 1, present = 0, future = 0, due = 0) =>
    period < 1 || period > periods
      ? errors.number
      : payment(rate, periods, present, future, due) - interest(rate, period, periods, present, future, due),
  ),
  RATE: numeric(
    3,
    6,
    (periods, paid = 0, present = 0, future = 0, due = 0, guess = 0.1) =>
      solve((rate) => futureValue(rate, periods, paid, present, due) + future, guess) ?? errors.number,
  ),
  NPV: range(2, 255, ([rate, ...flows], evaluation) => {
    const share = numberOf(rate, evaluation)
    if (typeof share !== 'number') return share
    const numbers = numbersOf(flows, evaluation)
    if (!Array.isArray(numbers)) return numbers
    return share === -1 ? errors.division : finite(discounted(share, numbers))
  }),
  IRR: range(1, 2, ([values = null, start], evaluation) => {
    const guess = start === undefined ? 0.1 : numberOf(start, evaluation)
    if (typeof guess !== 'number') return guess
    const flows = numbersOf([values], evaluation)
    if (!Array.isArray(flows)) return flows
    if (!flows.some((one) => one > 0) || !flows.some((one) => one < 0)) return errors.number
    evaluation.cells.spend(flows.length * searchCost)
    return solve((rate) => discounted(rate, flows), guess) ?? errors.number
  }),
  XNPV: range(3, 3, ([rate, values = null, dates = null], evaluation) => {
    const share = numberOf(rate, evaluation)
    const flows = matrixOf(values, evaluation).values.map(Number)
    const days = matrixOf(dates, evaluation).values.map((one) => Math.floor(Number(one)))
    if (typeof share !== 'number') return share
    if (share <= -1 || flows.length !== days.length) return errors.number
    return finite(datedValue(share, flows, days))
  }),
  XIRR: range(2, 3, ([values = null, dates = null, start], evaluation) => {
    const guess = start === undefined ? 0.1 : numberOf(start, evaluation)
    const flows = matrixOf(values, evaluation).values.map(Number)
    const days = matrixOf(dates, evaluation).values.map((one) => Math.floor(Number(one)))
    if (typeof guess !== 'number') return guess
    if (flows.length !== days.length || !flows.some((one) => one > 0) || !flows.some((one) => one < 0))
      return errors.number
    evaluation.cells.spend(flows.length * searchCost)
    return solve((rate) => datedValue(rate, flows, days), guess) ?? errors.number
  }),
  SLN: numeric(3, 3, (cost, salvage = 0, life = 0) => (life === 0 ? errors.division : (cost - salvage) / life)),
  SYD: numeric(4, 4, (cost, salvage = 0, life = 0, period = 0) =>
    life <= 0 || period < 1 || period > life
      ? errors.number
      : ((cost - salvage) * (life - period + 1) * 2) / (life * (life + 1)),
  ),
  DB: numeric(4, 5, (cost, salvage = 0, life = 0, period = 0, months = 12) =>
    fixedDeclining(cost, salvage, life, period, Math.trunc(months)),
  ),
  DDB: numeric(4, 5, (cost, salvage = 0, life = 0, period = 0, factor = 2) =>
    depreciation(cost, salvage, life, period, factor),
  ),
  EFFECT: numeric(2, 2, (rate, periods = 0) =>
    rate <= 0 || periods < 1 ? errors.number : (1 + rate / Math.trunc(periods)) ** Math.trunc(periods) - 1,
  ),
  NOMINAL: numeric(2, 2, (rate, periods = 0) =>
    rate <= 0 || periods < 1 ? errors.number : ((1 + rate) ** (1 / Math.trunc(periods)) - 1) * Math.trunc(periods),
  ),
}

const datedValue = (rate: number, flows: readonly number[], days: readonly number[]): number => {
  const [first = 0] = days
  return flows.reduce((sum, flow, at) => sum + flow / (1 + rate) ** (((days[at] ?? first) - first) / 365), 0)
}
