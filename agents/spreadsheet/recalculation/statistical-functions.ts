import { numbersAndTexts, numbersOf } from './argument-values.ts'
import { countingFunctions } from './counting-functions.ts'
import { type FormulaFunction, type FunctionTable, onlyArea, range } from './evaluation.ts'
import { type FormulaError, type FormulaValue, type Scalar, errors, finite, isAreas } from './formula-value.ts'
import { linearFunctions } from './linear-functions.ts'
import {
  type Statistic,
  deviations,
  maximum,
  mean,
  median,
  minimum,
  mode,
  total,
  variance,
} from './number-statistics.ts'
import type { RangeSummary } from './range-summary.ts'
import { rankingFunctions } from './ranking-functions.ts'

const many = 255

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

/** A statistic that the summary of ranges answers, where the only argument is one. */
const overSummary = (statistic: Statistic, answer: (summary: RangeSummary) => number | FormulaError): FormulaFunction =>
  range(1, many, (values, evaluation) => {
    const [first, more] = values
    const area = more === undefined && first !== undefined ? onlyArea(first) : null
    if (area !== null) {
      const summary = evaluation.memory.summary(area, evaluation.cells)
      return summary.error ?? answer(summary)
    }
    const numbers = numbersOf(values, evaluation)
    if (!Array.isArray(numbers)) return numbers
    const result = statistic(numbers)
    return typeof result === 'number' ? finite(result) : result
  })

const table = {
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

/** Counts, means, spreads, ranks and lines. */
export const statisticalFunctions: FunctionTable = {
  ...named,
  AVERAGE: overSummary(mean, ({ sum, count: all }) => (all === 0 ? errors.division : sum / all)),
  MIN: overSummary(minimum, ({ least, count: all }) => (all === 0 ? 0 : least)),
  MAX: overSummary(maximum, ({ greatest, count: all }) => (all === 0 ? 0 : greatest)),
  ...linearFunctions,
  ...rankingFunctions,
  ...countingFunctions,
  'MODE.SNGL': overNumbers('MODE', mode),
  'STDEV.S': overNumbers('STDEV', table.STDEV),
  'STDEV.P': overNumbers('STDEVP', table.STDEVP),
  'VAR.S': overNumbers('VAR', table.VAR),
  'VAR.P': overNumbers('VARP', table.VARP),
  AVERAGEA: overNumbers('AVERAGEA', mean, numbersAndTexts),
  MINA: overNumbers('MINA', minimum, numbersAndTexts),
  MAXA: overNumbers('MAXA', maximum, numbersAndTexts),
  STDEVA: overNumbers('STDEVA', table.STDEV, numbersAndTexts),
  STDEVPA: overNumbers('STDEVPA', table.STDEVP, numbersAndTexts),
  VARPA: overNumbers('VARPA', table.VARP, numbersAndTexts),
  VARA: overNumbers('VARA', table.VAR, numbersAndTexts),
}
