import { eachValue, matrixOf, numberOf, numbersAndTexts, numbersOf } from './argument-values.ts'
import { type Evaluation, type FormulaFunction, type FunctionTable, range } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Scalar,
  UnsupportedFormula,
  errors,
  finite,
  isAreas,
  isError,
} from './formula-value.ts'
import { linearFunctions } from './linear-functions.ts'

const many = 255

type Statistic = (numbers: readonly number[]) => number | FormulaError

const total = (numbers: readonly number[]): number => {
  let sum = 0
  for (const one of numbers) sum += one
  return sum
}

const mean: Statistic = (numbers) => (numbers.length === 0 ? errors.division : total(numbers) / numbers.length)

const deviations = (numbers: readonly number[]): number => {
  const center = total(numbers) / numbers.length
  let sum = 0
  for (const one of numbers) sum += (one - center) ** 2
  return sum
}

const variance =
  (correction: number, root: boolean): Statistic =>
  (numbers) => {
    if (numbers.length <= correction) return errors.division
    const value = deviations(numbers) / (numbers.length - correction)
    return root ? Math.sqrt(value) : value
  }

const extreme = (numbers: readonly number[], isBetter: (one: number, best: number) => boolean): number => {
  let [best = 0] = numbers
  for (const one of numbers) if (isBetter(one, best)) best = one
  return best
}

const minimum: Statistic = (numbers) => extreme(numbers, (one, best) => one < best)
const maximum: Statistic = (numbers) => extreme(numbers, (one, best) => one > best)

const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)

const median: Statistic = (numbers) => (numbers.length === 0 ? errors.number : percentile(ascending(numbers), 0.5))

const percentile = (sorted: readonly number[], share: number): number | FormulaError => {
  if (sorted.length === 0 || share < 0 || share > 1) return errors.number
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  const first = sorted[low] ?? 0
  return first + (place - low) * ((sorted[low + 1] ?? first) - first)
}

const percentileExclusive = (sorted: readonly number[], share: number): number | FormulaError => {
  const place = share * (sorted.length + 1)
  if (share <= 0 || share >= 1 || place < 1 || place > sorted.length) return errors.number
  const low = Math.floor(place)
  const first = sorted[low - 1] ?? 0
  return first + (place - low) * ((sorted[low] ?? first) - first)
}

const mode: Statistic = (numbers) => {
  const counts = new Map<number, number>()
  for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1)
  let best: number | null = null
  let most = 1
  for (const [value, count] of counts) {
    if (count > most) {
      most = count
      best = value
    }
  }
  return best ?? errors.notAvailable
}

/** The result of a statistic, remembered for whole ranges as many formulas ask for the same one. */
const overNumbers = (name: string, statistic: Statistic, read: typeof numbersOf = numbersOf): FormulaFunction =>
  range(1, many, (values, evaluation) => {
    const compute = (): Scalar => {
      const numbers = read(values, evaluation)
      if (!Array.isArray(numbers)) return numbers
      const result = statistic(numbers)
      return typeof result === 'number' ? finite(result) : result
    }
    const key = areasKey(values)
    return key === null ? compute() : evaluation.memory.result(`${name} ${key}`, compute)
  })

const areasKey = (values: readonly FormulaValue[]): string | null => {
  let key = ''
  let size = 0
  for (const value of values) {
    if (!isAreas(value)) return null
    for (const { sheet, top, left, bottom, right } of value.areas) {
      key += `${sheet}.${top}.${left}.${bottom}.${right} `
      size += (bottom - top + 1) * (right - left + 1)
    }
  }
  return size > 64 ? key : null
}

/** A statistic with a parameter: `LARGE(range, k)`. */
const withParameter = (statistic: (sorted: readonly number[], parameter: number) => number | FormulaError) =>
  range(2, 2, ([values = null, parameter], evaluation) => {
    const numbers = numbersOf([values], evaluation)
    if (!Array.isArray(numbers)) return numbers
    const number = numberOf(parameter, evaluation)
    if (typeof number !== 'number') return number
    const result = statistic(ascending(numbers), number)
    return typeof result === 'number' ? finite(result) : result
  })

const nth = (sorted: readonly number[], place: number): number | FormulaError => sorted[place - 1] ?? errors.number

const rank = (isAverage: boolean) =>
  range(2, 3, ([value, list = null, order], evaluation) => {
    const wanted = numberOf(value, evaluation)
    const direction = numberOf(order, evaluation)
    const numbers = numbersOf([list], evaluation)
    if (typeof wanted !== 'number') return wanted
    if (typeof direction !== 'number') return direction
    if (!Array.isArray(numbers)) return numbers
    const before = numbers.filter((one) => (direction === 0 ? one > wanted : one < wanted)).length
    const same = numbers.filter((one) => one === wanted).length
    if (same === 0) return errors.notAvailable
    return before + 1 + (isAverage ? (same - 1) / 2 : 0)
  })

const count = (
  values: readonly FormulaValue[],
  evaluation: Evaluation,
  isCounted: (value: Scalar, direct: boolean) => boolean,
): number => {
  let found = 0
  eachValue(values, evaluation, (value, isDirect) => {
    if (isCounted(value, isDirect)) found += 1
  })
  return found
}

const countNumbers = (values: readonly FormulaValue[], evaluation: Evaluation): number =>
  count(values, evaluation, (value, isDirect) => {
    if (typeof value === 'number') return true
    return isDirect && !isError(value) && Array.isArray(numbersOf([value], evaluation))
  })

const statistics: readonly (Statistic | null)[] = [
  null,
  mean,
  null,
  null,
  maximum,
  minimum,
  (numbers) => numbers.reduce((product, one) => product * one, 1),
  variance(1, true),
  variance(0, true),
  total,
  variance(1, false),
  variance(0, false),
]

// Totals inside the range are left out, as they would count twice.
const subtotal = (which: number, values: readonly FormulaValue[], evaluation: Evaluation): Scalar => {
  const found: Scalar[] = []
  for (const value of values) {
    if (!isAreas(value)) return errors.value
    for (const area of value.areas) {
      if ((evaluation.cells.workbook.sheets[area.sheet]?.hiddenRows ?? 0) > 0) {
        throw new UnsupportedFormula('SUBTOTAL over a sheet with hidden rows')
      }
      evaluation.cells.scan(area, (one, row, column) => {
        const formula = evaluation.cells.cell(area.sheet, row, column)?.formula
        if (formula === undefined || !/\b(SUBTOTAL|AGGREGATE)\(/i.test(formula)) found.push(one)
      })
    }
  }
  if (which === 3) return found.length
  const numbers = found.filter((one) => typeof one === 'number')
  if (which === 2) return numbers.length
  const statistic = statistics[which]
  if (statistic === null || statistic === undefined) return errors.value
  const problem = found.find(isError)
  if (problem !== undefined) return problem
  const result = statistic(numbers)
  return typeof result === 'number' ? finite(result) : result
}

const table = {
  AVERAGE: mean,
  MIN: minimum,
  MAX: maximum,
  MEDIAN: median,
  MODE: mode,
  STDEV: variance(1, true),
  STDEVP: variance(0, true),
  VAR: variance(1, false),
  VARP: variance(0, false),
  DEVSQ: (numbers) => (numbers.length === 0 ? errors.number : deviations(numbers)),
  AVEDEV: (numbers) => {
    const center = mean(numbers)
    return typeof center === 'number'
      ? total(numbers.map((one) => Math.abs(one - center))) / numbers.length
      : errors.number
  },
  GEOMEAN: (numbers) =>
    numbers.length === 0 || numbers.some((one) => one <= 0)
      ? errors.number
      : Math.exp(total(numbers.map((one) => Math.log(one))) / numbers.length),
  HARMEAN: (numbers) =>
    numbers.length === 0 || numbers.some((one) => one <= 0)
      ? errors.number
      : numbers.length / total(numbers.map((one) => 1 / one)),
} satisfies Record<string, Statistic>

const named = Object.fromEntries(Object.entries(table).map(([name, one]) => [name, overNumbers(name, one)]))

/** Counts, means, spreads and ranks. */
export const statisticalFunctions: FunctionTable = {
  ...named,
  ...linearFunctions,
  'MODE.SNGL': overNumbers('MODE', mode),
  'STDEV.S': overNumbers('STDEV', table.STDEV),
  'STDEV.P': overNumbers('STDEVP', table.STDEVP),
  'VAR.S': overNumbers('VAR', table.VAR),
  'VAR.P': overNumbers('VARP', table.VARP),
  AVERAGEA: overNumbers('AVERAGEA', mean, numbersAndTexts),
  MINA: overNumbers('MINA', minimum, numbersAndTexts),
  MAXA: overNumbers('MAXA', maximum, numbersAndTexts),
  STDEVA: overNumbers('STDEVA', table.STDEV, numbersAndTexts),
  VARA: overNumbers('VARA', table.VAR, numbersAndTexts),
  COUNT: range(1, many, countNumbers),
  COUNTA: range(1, many, (values, evaluation) => count(values, evaluation, () => true)),
  COUNTBLANK: range(1, 1, ([value = null], evaluation) => {
    if (!isAreas(value)) return errors.value
    const size = value.areas.reduce((sum, one) => sum + (one.bottom - one.top + 1) * (one.right - one.left + 1), 0)
    return size - count([value], evaluation, (one) => one !== '')
  }),
  LARGE: withParameter((sorted, place) => nth(sorted.toReversed(), Math.ceil(place))),
  SMALL: withParameter((sorted, place) => nth(sorted, Math.ceil(place))),
  PERCENTILE: withParameter(percentile),
  'PERCENTILE.INC': withParameter(percentile),
  'PERCENTILE.EXC': withParameter(percentileExclusive),
  QUARTILE: withParameter((sorted, quarter) => percentile(sorted, Math.trunc(quarter) / 4)),
  'QUARTILE.INC': withParameter((sorted, quarter) => percentile(sorted, Math.trunc(quarter) / 4)),
  'QUARTILE.EXC': withParameter((sorted, quarter) => percentileExclusive(sorted, Math.trunc(quarter) / 4)),
  RANK: rank(false),
  'RANK.EQ': rank(false),
  'RANK.AVG': rank(true),
  SUBTOTAL: range(2, many, ([which, ...values], evaluation) => {
    const number = numberOf(which, evaluation)
    if (typeof number !== 'number') return number
    return subtotal(number > 100 ? number - 100 : number, values, evaluation)
  }),
  FREQUENCY: range(2, 2, ([data = null, bins = null], evaluation) => {
    const numbers = numbersOf([data], evaluation)
    if (!Array.isArray(numbers)) return numbers
    const limits = matrixOf(bins, evaluation).values.filter((one) => typeof one === 'number')
    const counts = Array.from({ length: limits.length + 1 }, () => 0)
    const sorted = limits.map((limit, at) => ({ limit, at })).toSorted((a, b) => a.limit - b.limit)
    for (const one of numbers) {
      const at = sorted.find(({ limit }) => one <= limit)?.at ?? limits.length
      counts[at] = (counts[at] ?? 0) + 1
    }
    return { kind: 'matrix', rows: counts.length, columns: 1, values: counts }
  }),
}
