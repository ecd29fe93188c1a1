import type { FormulaExpression } from '../formulas/formula-expression.ts'
import { eachValue, mapValues, operandOf, scalarOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, lazy, range, scalar } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Scalar,
  errors,
  isAreas,
  isError,
  isMatrix,
} from './formula-value.ts'
import { compareScalars, toBoolean, toNumber } from './value-coercion.ts'

const many = 255

const argument = (expressions: readonly FormulaExpression[], at: number, evaluation: Evaluation): FormulaValue => {
  const expression = expressions[at]
  return expression === undefined ? null : evaluation.evaluate(expression, evaluation)
}

/** Chooses between two values by a condition, or place by place when the condition is an array. */
const choose = (
  condition: FormulaValue,
  whenTrue: () => FormulaValue,
  whenFalse: () => FormulaValue,
  evaluation: Evaluation,
): FormulaValue => {
  const test = operandOf(condition, evaluation)
  if (isMatrix(test)) {
    const branches = [test, operandOf(whenTrue(), evaluation), operandOf(whenFalse(), evaluation)]
    const pick = ([flag = null, yes = null, no = null]: readonly Scalar[]): Scalar => {
      const decided = toBoolean(flag)
      if (typeof decided !== 'boolean') return decided
      return decided ? yes : no
    }
    return mapValues(branches, pick, evaluation)
  }
  const decided = toBoolean(test)
  if (typeof decided !== 'boolean') return decided
  return decided ? whenTrue() : whenFalse()
}

/** The value, or the other one where it is an error of the kind. */
const replaceErrors = (
  expressions: readonly FormulaExpression[],
  isReplaced: (error: FormulaError) => boolean,
  evaluation: Evaluation,
): FormulaValue => {
  const value = operandOf(argument(expressions, 0, evaluation), evaluation)
  const replacement = (): FormulaValue => operandOf(argument(expressions, 1, evaluation), evaluation)
  if (!isMatrix(value)) return isError(value) && isReplaced(value) ? replacement() : value
  if (!value.values.some((one) => isError(one) && isReplaced(one))) return value
  const other = operandOf(replacement(), evaluation)
  const pick = ([one = null, two = null]: readonly Scalar[]): Scalar => (isError(one) && isReplaced(one) ? two : one)
  return mapValues([value, other], pick, evaluation)
}

const flags = (values: readonly FormulaValue[], evaluation: Evaluation): boolean[] | FormulaError => {
  const found: boolean[] = []
  const problems: FormulaError[] = []
  eachValue(values, evaluation, (value, isDirect) => {
    if (typeof value === 'string' && !isDirect) return
    const flag = toBoolean(value)
    if (typeof flag === 'boolean') found.push(flag)
    else problems.push(flag)
  })
  return problems[0] ?? (found.length === 0 ? errors.value : found)
}

const combine = (decide: (values: readonly boolean[]) => boolean) =>
  range(1, many, (values, evaluation) => {
    const found = flags(values, evaluation)
    return isError(found as FormulaValue & object) ? (found as FormulaError) : decide(found as boolean[])
  })

const inspect = (test: (value: Scalar) => boolean) =>
  range(1, 1, ([value = null], evaluation) =>
    mapValues([operandOf(value, evaluation)], ([one = null]) => test(one), evaluation),
  )

const isParity = (odd: boolean) =>
  scalar(1, 1, ([value = null], { date1904 }) => {
    const number = typeof value === 'boolean' ? errors.value : toNumber(value, date1904)
    return typeof number === 'number' ? (Math.trunc(Math.abs(number)) % 2 === 1) === odd : number
  })

const errorNumbers = ['#NULL!', '#DIV/0!', '#VALUE!', '#REF!', '#NAME?', '#NUM!', '#N/A']

/** Conditions, and what a value is. */
export const logicalFunctions: FunctionTable = {
  IF: lazy(2, 3, (expressions, evaluation) =>
    choose(
      argument(expressions, 0, evaluation),
      () => argument(expressions, 1, evaluation),
      () => (expressions.length < 3 ? false : argument(expressions, 2, evaluation)),
      evaluation,
    ),
  ),
  IFS: lazy(2, many, (expressions, evaluation) => {
    const from = (at: number): FormulaValue =>
      at + 1 >= expressions.length
        ? errors.notAvailable
        : choose(
            argument(expressions, at, evaluation),
            () => argument(expressions, at + 1, evaluation),
            () => from(at + 2),
            evaluation,
          )
    return from(0)
  }),
  SWITCH: lazy(3, many, (expressions, evaluation) => {
    const value = scalarOf(argument(expressions, 0, evaluation), evaluation)
    if (isError(value)) return value
    let at = 1
    for (; at + 1 < expressions.length; at += 2) {
      const order = compareScalars(value, scalarOf(argument(expressions, at, evaluation), evaluation))
      if (typeof order !== 'number') return order
      if (order === 0) return argument(expressions, at + 1, evaluation)
    }
    return at < expressions.length ? argument(expressions, at, evaluation) : errors.notAvailable
  }),
  CHOOSE: lazy(2, many, (expressions, evaluation) => {
    const which = toNumber(scalarOf(argument(expressions, 0, evaluation), evaluation), evaluation.date1904)
    if (typeof which !== 'number') return which
    const at = Math.trunc(which)
    return at < 1 || at >= expressions.length ? errors.value : argument(expressions, at, evaluation)
  }),
  IFERROR: lazy(2, 2, (expressions, evaluation) => replaceErrors(expressions, () => true, evaluation)),
  IFNA: lazy(2, 2, (expressions, evaluation) =>
    replaceErrors(expressions, (error) => error.code === errors.notAvailable.code, evaluation),
  ),
  AND: combine((values) => values.every(Boolean)),
  OR: combine((values) => values.some(Boolean)),
  XOR: combine((values) => values.filter(Boolean).length % 2 === 1),
  NOT: scalar(1, 1, ([value = null]) => {
    const flag = toBoolean(value)
    return typeof flag === 'boolean' ? !flag : flag
  }),
  TRUE: scalar(0, 0, () => true),
  FALSE: scalar(0, 0, () => false),
  NA: scalar(0, 0, () => errors.notAvailable),
  ISBLANK: inspect((value) => value === null),
  ISERROR: inspect(isError),
  ISERR: inspect((value) => isError(value) && value.code !== errors.notAvailable.code),
  ISNA: inspect((value) => isError(value) && value.code === errors.notAvailable.code),
  ISNUMBER: inspect((value) => typeof value === 'number'),
  ISTEXT: inspect((value) => typeof value === 'string'),
  ISNONTEXT: inspect((value) => typeof value !== 'string'),
  ISLOGICAL: inspect((value) => typeof value === 'boolean'),
  ISREF: range(1, 1, ([value = null]) => isAreas(value)),
  ISEVEN: isParity(false),
  ISODD: isParity(true),
  N: scalar(1, 1, ([value = null]) => (typeof value === 'number' || typeof value === 'boolean' ? Number(value) : 0)),
  T: scalar(1, 1, ([value = null]) => (typeof value === 'string' ? value : '')),
  TYPE: range(1, 1, ([value = null], evaluation) => {
    const one = operandOf(value, evaluation)
    if (isMatrix(one)) return 64
    if (isError(one)) return 16
    if (typeof one === 'string') return 2
    return typeof one === 'boolean' ? 4 : 1
  }),
  'ERROR.TYPE': range(1, 1, ([value = null], evaluation) => {
    const one = scalarOf(value, evaluation)
    const at = isError(one) ? errorNumbers.indexOf(one.code) : -1
    return at < 0 ? errors.notAvailable : at + 1
  }),
}
