import { scalar } from './evaluation.ts'
import { type FormulaError, finite, type Scalar } from './formula-value.ts'
import { toNumber } from './value-coercion.ts'

/** A function of numbers that knows the calendar of the workbook. What is no number is an error. */
export const dated = (least: number, most: number, apply: (numbers: readonly number[], date1904: boolean) => Scalar) =>
  scalar(least, most, (values, { date1904 }) => {
    const numbers: number[] = []
    for (const value of values) {
      const number = toNumber(value, date1904)
      if (typeof number !== 'number') return number
      numbers.push(number)
    }
    return apply(numbers, date1904)
  })

/** A function of numbers; what is no number is an error, what is left out is undefined. */
export const numeric = (least: number, most: number, apply: (...values: number[]) => number | FormulaError) =>
  dated(least, most, (numbers) => {
    const result = apply(...numbers)
    return typeof result === 'number' ? finite(result) : result
  })
