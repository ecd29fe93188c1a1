import type { BinaryOperator } from '../formulas/formula-expression.ts'
import { mapValues, operandOf } from './argument-values.ts'
import type { Evaluation } from './evaluation.ts'
import { type FormulaValue, type Scalar, errors, finite, isAreas, isError, isMatrix } from './formula-value.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import { compareScalars, toNumber, toText } from './value-coercion.ts'

/** An operator between two values. */
export const applyBinary = (
  operator: BinaryOperator,
  left: FormulaValue,
  right: FormulaValue,
  evaluation: Evaluation,
): FormulaValue => {
  if (operator === ':' || operator === ' ' || operator === ',') return combineAreas(operator, left, right)
  const one = operandOf(left, evaluation)
  const other = operandOf(right, evaluation)
  if (!isMatrix(one) && !isMatrix(other)) return combine(operator, one, other, evaluation)
  return mapValues([one, other], ([a = null, b = null]) => combine(operator, a, b, evaluation), evaluation)
}

/** The longest text a cell can hold. */
export const maxText = 32_767

const combine = (operator: BinaryOperator, left: Scalar, right: Scalar, evaluation: Evaluation): Scalar => {
  if (isError(left)) return left
  if (isError(right)) return right
  switch (operator) {
    case '&': {
      const one = toText(left)
      const other = toText(right)
      if (isError(one)) return one
      if (isError(other)) return other
      return one.length + other.length > maxText ? errors.value : `${one}${other}`
    }
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const order = compareScalars(left, right)
      return typeof order === 'number' ? holds(operator, order) : order
    }
    default: {
      const one = toNumber(left, evaluation.date1904)
      if (typeof one !== 'number') return one
      const other = toNumber(right, evaluation.date1904)
      return typeof other === 'number' ? calculate(operator, one, other) : other
    }
  }
}

const holds = (operator: BinaryOperator, order: number): boolean => {
  if (operator === '=') return order === 0
  if (operator === '<>') return order !== 0
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

const calculate = (operator: BinaryOperator, left: number, right: number): Scalar => {
  if (operator === '+') return finite(left + right)
  if (operator === '-') return finite(left - right)
  if (operator === '*') return finite(left * right)
  if (operator === '/') return right === 0 ? errors.division : finite(left / right)
  return power(left, right)
}

/** A power; zero to zero and roots of negative numbers are no numbers. */
export const power = (base: number, exponent: number): Scalar => {
  if (base === 0 && exponent === 0) return errors.number
  if (base === 0 && exponent < 0) return errors.division
  return finite(base ** exponent)
}

/** A last difference that is nothing but rounding is zero, as spreadsheet programs show it. */
export const withoutRoundingNoise = (result: FormulaValue, operand: FormulaValue): FormulaValue =>
  typeof result === 'number' && typeof operand === 'number' && Math.abs(result) < Math.abs(operand) * 2 ** -49
    ? 0
    : result

const combineAreas = (operator: ':' | ' ' | ',', left: FormulaValue, right: FormulaValue): FormulaValue => {
  if (isError(left)) return left
  if (isError(right)) return right
  if (!isAreas(left) || !isAreas(right)) return errors.value
  if (operator === ',') return { kind: 'areas', areas: [...left.areas, ...right.areas] }
  if (operator === ' ') {
    const areas = left.areas.flatMap((one) => right.areas.flatMap((other) => intersection(one, other)))
    return areas.length === 0 ? errors.null : { kind: 'areas', areas }
  }
  const [first, ...rest] = [...left.areas, ...right.areas]
  if (first === undefined || rest.some((area) => area.sheet !== first.sheet)) return errors.value
  const whole = rest.reduce(
    (sum, area) => ({
      sheet: sum.sheet,
      top: Math.min(sum.top, area.top),
      left: Math.min(sum.left, area.left),
      bottom: Math.max(sum.bottom, area.bottom),
      right: Math.max(sum.right, area.right),
    }),
    first,
  )
  return { kind: 'areas', areas: [whole] }
}

const intersection = (one: SheetArea, other: SheetArea): SheetArea[] => {
  const area = {
    sheet: one.sheet,
    top: Math.max(one.top, other.top),
    left: Math.max(one.left, other.left),
    bottom: Math.min(one.bottom, other.bottom),
    right: Math.min(one.right, other.right),
  }
  return one.sheet === other.sheet && area.top <= area.bottom && area.left <= area.right ? [area] : []
}
