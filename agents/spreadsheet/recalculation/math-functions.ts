import { areasOf, eachValue, matrixOf, numbersOf } from './argument-values.ts'
import { type FunctionTable, arrays, range, scalar } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Scalar,
  errors,
  finite,
  isAreas,
  isError,
  matrix,
} from './formula-value.ts'
import { numeric } from './numeric-function.ts'
import { power } from './operators.ts'
import { toNumber } from './value-coercion.ts'

const many = 255

/** Moves the decimal point without leaving decimal notation, so that 2.675 times a hundred is 267.5. */
const shift = (value: number, places: number): number => {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  return Number(`${mantissa}e${Number(exponent) + places}`)
}

/** Rounds at a decimal place, negative ones left of the point, as decimal arithmetic does. */
export const roundDecimal = (value: number, places: number, round: (size: number) => number): number => {
  const digits = Math.trunc(places)
  if (digits > 15 || (digits >= 0 && Math.abs(value) >= 1e15)) return value
  const size = Number(Math.abs(value).toPrecision(15))
  return Math.sign(value) * shift(round(shift(size, digits)), -digits)
}

const toMultiple = (value: number, step: number, round: (quotient: number) => number): number => {
  if (step === 0) return 0
  const quotient = Number((value / step).toPrecision(15))
  return Number((round(quotient) * step).toPrecision(15))
}

const ceiling = (value: number, step: number): number | FormulaError => {
  if (value > 0 && step < 0) return errors.number
  return toMultiple(value, step, Math.ceil)
}

const floor = (value: number, step: number): number | FormulaError => {
  if (step === 0) return value === 0 ? 0 : errors.division
  return value > 0 && step < 0 ? errors.number : toMultiple(value, step, Math.floor)
}

const factorial = (value: number): number | FormulaError => {
  if (value < 0) return errors.number
  let result = 1
  for (let factor = 2; factor <= Math.trunc(value) && factor < 172; factor += 1) result *= factor
  return value >= 171 ? errors.number : result
}

const combinations = (n: number, k: number): number | FormulaError => {
  const all = Math.trunc(n)
  const chosen = Math.trunc(k)
  if (all < 0 || chosen < 0 || chosen > all) return errors.number
  let result = 1
  const steps = Math.min(chosen, all - chosen, 10_000)
  for (let step = 1; step <= steps; step += 1) result = (result * (all - steps + step)) / step
  return Math.round(result)
}

const divisor = (one: number, other: number): number => {
  let a = Math.trunc(one)
  let b = Math.trunc(other)
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

const reduceNumbers = (reduce: (numbers: readonly number[]) => number | FormulaError) =>
  range(1, many, (values, evaluation) => {
    const numbers = numbersOf(values, evaluation)
    if (!Array.isArray(numbers)) return numbers
    const result = reduce(numbers)
    return typeof result === 'number' ? finite(result) : result
  })

const sumProducts = (values: readonly FormulaValue[], evaluation: Parameters<typeof matrixOf>[1]): Scalar => {
  const factors = values.map((value) => matrixOf(value, evaluation))
  const [first] = factors
  if (first === undefined) return errors.value
  if (factors.some((one) => one.rows !== first.rows || one.columns !== first.columns)) return errors.value
  evaluation.cells.spend(first.values.length * factors.length)
  let sum = 0
  for (let at = 0; at < first.values.length; at += 1) {
    let product = 1
    for (const factor of factors) {
      const value = factor.values[at] ?? 0
      if (isError(value)) return value
      // What is no number counts as zero, booleans included.
      product *= typeof value === 'number' ? value : 0
    }
    sum += product
  }
  return finite(sum)
}

const pairwise = (term: (x: number, y: number) => number) =>
  arrays(2, 2, ([left = null, right = null], evaluation) => {
    const one = matrixOf(left, evaluation)
    const other = matrixOf(right, evaluation)
    if (one.values.length !== other.values.length) return errors.notAvailable
    let sum = 0
    for (const [at, x] of one.values.entries()) {
      const y = other.values[at] ?? null
      if (isError(x)) return x
      if (isError(y)) return y
      if (typeof x === 'number' && typeof y === 'number') sum += term(x, y)
    }
    return finite(sum)
  })

const unary = (apply: (value: number) => number) => numeric(1, 1, apply)

/** Arithmetic and trigonometry. */
export const mathFunctions: FunctionTable = {
  SUM: range(1, many, (values, evaluation) => {
    let sum = 0
    for (const value of values) {
      if (isAreas(value)) {
        for (const area of value.areas) {
          const part = evaluation.memory.summary(area, evaluation.cells)
          if (part.error !== null) return part.error
          sum += part.sum
        }
      } else {
        const numbers = numbersOf([value], evaluation)
        if (!Array.isArray(numbers)) return numbers
        for (const number of numbers) sum += number
      }
    }
    return finite(sum)
  }),
  SUMPRODUCT: arrays(1, many, sumProducts),
  SUMSQ: reduceNumbers((numbers) => numbers.reduce((sum, one) => sum + one * one, 0)),
  SUMXMY2: pairwise((x, y) => (x - y) ** 2),
  SUMX2MY2: pairwise((x, y) => x * x - y * y),
  SUMX2PY2: pairwise((x, y) => x * x + y * y),
  PRODUCT: range(1, many, (values, evaluation) => {
    let product = 1
    let count = 0
    const problems: FormulaError[] = []
    eachValue(values, evaluation, (value, isDirect) => {
      const number =
        typeof value === 'number' || isDirect || isError(value) ? toNumber(value, evaluation.date1904) : null
      if (typeof number === 'number') {
        product *= number
        count += 1
      } else if (number !== null) problems.push(number)
    })
    return problems[0] ?? (count === 0 ? 0 : finite(product))
  }),
  ABS: unary(Math.abs),
  SIGN: unary(Math.sign),
  INT: unary((value) => Math.floor(value)),
  TRUNC: numeric(1, 2, (value, places = 0) => roundDecimal(value, places, Math.floor)),
  ROUND: numeric(2, 2, (value, places) => roundDecimal(value, places ?? 0, Math.round)),
  ROUNDUP: numeric(2, 2, (value, places) => roundDecimal(value, places ?? 0, Math.ceil)),
  ROUNDDOWN: numeric(2, 2, (value, places) => roundDecimal(value, places ?? 0, Math.floor)),
  MROUND: numeric(2, 2, (value, step = 0) =>
    value * step < 0 ? errors.number : toMultiple(Math.abs(value), Math.abs(step), Math.round) * Math.sign(value),
  ),
  CEILING: numeric(2, 2, (value, step = 1) => ceiling(value, step)),
  FLOOR: numeric(2, 2, (value, step = 1) => floor(value, step)),
  'CEILING.MATH': numeric(1, 2, (value, step = 1) => toMultiple(value, Math.abs(step), Math.ceil)),
  'CEILING.PRECISE': numeric(1, 2, (value, step = 1) => toMultiple(value, Math.abs(step), Math.ceil)),
  'ISO.CEILING': numeric(1, 2, (value, step = 1) => toMultiple(value, Math.abs(step), Math.ceil)),
  'FLOOR.PRECISE': numeric(1, 2, (value, step = 1) => toMultiple(value, Math.abs(step), Math.floor)),
  'FLOOR.MATH': numeric(1, 2, (value, step = 1) => toMultiple(value, Math.abs(step), Math.floor)),
  EVEN: unary((value) => Math.sign(value) * Math.ceil(Math.abs(value) / 2) * 2),
  ODD: unary((value) => (value < 0 ? -1 : 1) * (Math.ceil((Math.abs(value) - 1) / 2) * 2 + 1)),
  MOD: numeric(2, 2, (value, by = 0) => (by === 0 ? errors.division : value - by * Math.floor(value / by))),
  QUOTIENT: numeric(2, 2, (value, by = 0) => (by === 0 ? errors.division : Math.trunc(value / by))),
  POWER: scalar(2, 2, ([base = null, exponent = null], { date1904 }) => {
    const one = toNumber(base, date1904)
    const other = toNumber(exponent, date1904)
    if (typeof one !== 'number') return one
    return typeof other === 'number' ? power(one, other) : other
  }),
  SQRT: unary(Math.sqrt),
  EXP: unary(Math.exp),
  LN: numeric(1, 1, (value) => (value <= 0 ? errors.number : Math.log(value))),
  LOG10: numeric(1, 1, (value) => (value <= 0 ? errors.number : Math.log10(value))),
  LOG: numeric(1, 2, (value, base = 10) => {
    if (value <= 0 || base <= 0) return errors.number
    if (base === 1) return errors.division
    return base === 10 ? Math.log10(value) : Math.log(value) / Math.log(base)
  }),
  PI: scalar(0, 0, () => Math.PI),
  RADIANS: unary((value) => (value * Math.PI) / 180),
  DEGREES: unary((value) => (value * 180) / Math.PI),
  SIN: unary(Math.sin),
  COS: unary(Math.cos),
  TAN: unary(Math.tan),
  ASIN: unary(Math.asin),
  ACOS: unary(Math.acos),
  ATAN: unary(Math.atan),
  ATAN2: numeric(2, 2, (x, y = 0) => (x === 0 && y === 0 ? errors.division : Math.atan2(y, x))),
  SINH: unary(Math.sinh),
  COSH: unary(Math.cosh),
  TANH: unary(Math.tanh),
  FACT: numeric(1, 1, factorial),
  COMBIN: numeric(2, 2, (n, k = 0) => combinations(n, k)),
  GCD: reduceNumbers((numbers) => (numbers.some((one) => one < 0) ? errors.number : numbers.reduce(divisor, 0))),
  LCM: reduceNumbers((numbers) => {
    if (numbers.some((one) => one < 0)) return errors.number
    return numbers
      .map(Math.trunc)
      .reduce((all, one) => (one === 0 || all === 0 ? 0 : (all / divisor(all, one)) * one), 1)
  }),
  MMULT: arrays(2, 2, ([left = null, right = null], evaluation) => {
    const one = matrixOf(left, evaluation)
    const other = matrixOf(right, evaluation)
    if (one.columns !== other.rows) return errors.value
    if ([...one.values, ...other.values].some((value) => typeof value !== 'number')) return errors.value
    evaluation.cells.spend(one.rows * one.columns * other.columns)
    const values: Scalar[] = []
    for (let row = 0; row < one.rows; row += 1) {
      for (let column = 0; column < other.columns; column += 1) {
        let sum = 0
        for (let at = 0; at < one.columns; at += 1) {
          sum += Number(one.values[row * one.columns + at]) * Number(other.values[at * other.columns + column])
        }
        values.push(sum)
      }
    }
    return matrix(one.rows, other.columns, values)
  }),
  AREAS: range(1, 1, ([value]) => {
    const areas = areasOf(value)
    return 'kind' in areas ? areas : areas.length
  }),
}
