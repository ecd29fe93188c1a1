import type { FormulaExpression, FormulaReference } from '../formulas/formula-expression.ts'
import { mapValues, operandOf, scalarOf } from './argument-values.ts'
import type { Evaluation, FormulaFunction } from './evaluation.ts'
import {
  type FormulaValue,
  type Scalar,
  UnsupportedFormula,
  errorOf,
  errors,
  finite,
  isError,
  isMatrix,
  matrix,
} from './formula-value.ts'
import { functionTable } from './function-table.ts'
import { applyBinary, withoutRoundingNoise } from './operators.ts'
import { toNumber } from './value-coercion.ts'

type BinaryExpression = Extract<FormulaExpression, { kind: 'binary' }>

/** Names may lead to names; deeper than this they lead in a circle. */
const maxNameDepth = 32

/** Evaluates an expression; throws UnsupportedFormula when it needs what is not there. */
export const evaluateExpression = (expression: FormulaExpression, evaluation: Evaluation): FormulaValue => {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'error':
      return errorOf(expression.code)
    case 'missing':
      return null
    case 'reference':
      return evaluateReference(expression.reference, evaluation)
    case 'unary':
      return evaluateUnary(expression.operator, evaluateExpression(expression.operand, evaluation), evaluation)
    case 'binary':
      return evaluateBinary(expression, evaluation)
    case 'call':
      return callFunction(expression.name, expression.arguments, evaluation)
    case 'array':
      return evaluateArray(expression.rows, evaluation)
    case 'let': {
      const bound = new Map(evaluation.bound)
      for (const { name, value } of expression.bindings) {
        bound.set(name, evaluateExpression(value, { ...evaluation, bound }))
      }
      return evaluateExpression(expression.body, { ...evaluation, bound })
    }
    case 'lambda':
      throw new UnsupportedFormula('function LAMBDA')
  }
}

// The left side of a long sum is as deep as the sum is long: folded in a loop.
const evaluateBinary = (root: BinaryExpression, evaluation: Evaluation): FormulaValue => {
  const spine: BinaryExpression[] = []
  let expression: FormulaExpression = root
  while (expression.kind === 'binary') {
    spine.push(expression)
    expression = expression.left
  }
  let left = evaluateExpression(expression, evaluation)
  for (let at = spine.length - 1; at >= 0; at -= 1) {
    const parent = spine[at]
    if (parent === undefined) break
    left = applyBinary(parent.operator, left, evaluateExpression(parent.right, evaluation), evaluation)
  }
  return left
}

/** Evaluates the whole formula of a cell: a single value, or an array when the formula is one. */
export const evaluateRoot = (expression: FormulaExpression, evaluation: Evaluation): FormulaValue => {
  const isDifference = expression.kind === 'binary' && (expression.operator === '-' || expression.operator === '+')
  let result: FormulaValue
  if (isDifference) {
    const left = operandOf(evaluateExpression(expression.left, evaluation), evaluation)
    const right = evaluateExpression(expression.right, evaluation)
    result = withoutRoundingNoise(applyBinary(expression.operator, left, right, evaluation), left)
  } else {
    result = evaluateExpression(expression, evaluation)
  }
  if (evaluation.array !== null) return operandOf(result, evaluation)
  const value = scalarOf(result, evaluation)
  // A formula never gives a blank: a reference to one gives zero.
  return value ?? 0
}

const evaluateReference = (reference: FormulaReference, evaluation: Evaluation): FormulaValue => {
  if (reference.workbook !== null) throw new UnsupportedFormula('reference to another workbook')
  if (reference.kind !== 'name') {
    const areas = evaluation.names.areas(reference, evaluation.place)
    return areas === null ? errors.reference : { kind: 'areas', areas }
  }
  const bound = evaluation.bound.get(reference.name.toLowerCase())
  if (bound !== undefined) return bound
  const found = evaluation.names.definedName(reference, evaluation.place.sheet)
  if (found === null) {
    const table = evaluation.names.tableNamed(reference)
    return table === null ? errors.name : evaluateReference(table, evaluation)
  }
  if (found.parsed.problem !== null) throw new UnsupportedFormula(`defined name ${reference.name}`)
  if (evaluation.depth > maxNameDepth) throw new UnsupportedFormula('names that mean each other')
  // A name is always computed as an array formula is.
  return evaluateExpression(found.parsed.expression, {
    ...evaluation,
    isArray: true,
    bound: new Map(),
    depth: evaluation.depth + 1,
  })
}

const evaluateUnary = (operator: string, value: FormulaValue, evaluation: Evaluation): FormulaValue => {
  if (operator === '+') return value
  if (operator === '@') return scalarOf(value, { ...evaluation, isArray: false })
  if (operator === '#') throw new UnsupportedFormula('spilled range')
  const apply = ([one = null]: readonly Scalar[]): Scalar => {
    const number = toNumber(one, evaluation.date1904)
    if (typeof number !== 'number') return number
    return finite(operator === '-' ? -number : number / 100)
  }
  return mapValues([operandOf(value, evaluation)], apply, evaluation)
}

const evaluateArray = (rows: readonly (readonly FormulaExpression[])[], evaluation: Evaluation): FormulaValue => {
  const columns = Math.max(...rows.map((row) => row.length))
  const values = rows.flatMap((row) =>
    Array.from({ length: columns }, (_, at): Scalar => {
      const element = row[at]
      return element === undefined ? errors.notAvailable : scalarOf(evaluateExpression(element, evaluation), evaluation)
    }),
  )
  return matrix(rows.length, columns, values)
}

const callFunction = (
  name: string,
  expressions: readonly FormulaExpression[],
  evaluation: Evaluation,
): FormulaValue => {
  const called: FormulaFunction | undefined = functionTable.get(name) ?? evaluation.library.get(name)
  if (called === undefined) throw new UnsupportedFormula(`function ${name}`)
  if (expressions.length < called.least || expressions.length > called.most) {
    throw new UnsupportedFormula(`function ${name} with ${expressions.length} arguments`)
  }
  evaluation.cells.spend(1)
  if (called.kind === 'lazy') return called.apply(expressions, evaluation)
  if (called.kind === 'range') {
    const inner = called.arrays === 'none' || evaluation.isArray ? evaluation : { ...evaluation, isArray: true }
    const isInner = (at: number): boolean => called.arrays === 'all' || (called.arrays === 'first') === (at === 0)
    return called.apply(
      expressions.map((one, at) => evaluateExpression(one, isInner(at) ? inner : evaluation)),
      called.arrays === 'all' ? inner : evaluation,
    )
  }
  const values = expressions.map((one) => operandOf(evaluateExpression(one, evaluation), evaluation))
  if (!values.some(isMatrix)) return applyScalars(called, values as Scalar[], evaluation)
  return mapValues(values, (one) => scalarOf(applyScalars(called, one, evaluation), evaluation), evaluation)
}

const applyScalars = (
  called: Extract<FormulaFunction, { kind: 'scalar' }>,
  values: readonly Scalar[],
  evaluation: Evaluation,
): FormulaValue => values.find(isError) ?? called.apply(values, evaluation)
