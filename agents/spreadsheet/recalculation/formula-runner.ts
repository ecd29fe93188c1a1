import { type FormulaIndex, type UniqueFormula, formulaAt, formulaCell } from '../formulas/formula-index.ts'
import { type FormulaPlace, workbookNames } from '../formulas/workbook-names.ts'
import type { CellRange, Workbook } from '../workbook.ts'
import { type FormulaReader, type OperationsBudget, cachedValue, cellSource } from './cell-source.ts'
import { dynamicArrayFunctions } from './dynamic-array-functions.ts'
import type { Evaluation, FormulaFunction } from './evaluation.ts'
import { evaluationMemory } from './evaluation-memory.ts'
import { evaluateExpression, evaluateRoot } from './evaluator.ts'
import {
  type FormulaValue,
  type Matrix,
  OperationsExhausted,
  PendingFormula,
  type Scalar,
  UnsupportedFormula,
  VolatileFormula,
  isMatrix,
  matrixAt,
} from './formula-value.ts'

/** What became of one formula. */
export type FormulaOutcome =
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'volatile' }

/**
 * From which values formulas are computed: `cached` takes those saved in the workbook, so that one wrong formula is one
 * mismatch; `full` computes them all anew, in order.
 */
export type RecalculationMode = 'cached' | 'full'

/** Computes formulas of one workbook, each at most once. */
export interface FormulaRunner {
  /** Throws OperationsExhausted when the budget is used up. */
  compute(formula: number): FormulaOutcome
  /** Evaluates something else over the same values, and computes the formulas it needs first. */
  settle(value: () => Scalar): FormulaOutcome
  evaluation(place: FormulaPlace, array: CellRange | null): Evaluation
}

/** What a runner needs beside the workbook. */
export interface RunnerOptions {
  readonly mode: RecalculationMode
  readonly budget: OperationsBudget
  readonly library: ReadonlyMap<string, FormulaFunction>
  /** Formulas that are part of a circle. */
  readonly circular: ReadonlySet<number>
}

/** Prepares the computation of formulas. */
export const formulaRunner = (workbook: Workbook, index: FormulaIndex, options: RunnerOptions): FormulaRunner => {
  const names = workbookNames(workbook)
  const memory = evaluationMemory()
  const outcomes: (FormulaOutcome | undefined)[] = Array.from({ length: index.count })
  const isOpen = new Uint8Array(index.count)
  const arrays = new Map<string, Scalar | Matrix>()

  const readFormula: FormulaReader = (cell, sheet, row, column) => {
    const hasCache = cell.type !== 'empty'
    if (hasCache && options.mode === 'cached') return cachedValue(cell)
    const formula = formulaAt(index, sheet, row, column)
    const outcome = outcomes[formula]
    if (outcome?.kind === 'value') return outcome.value
    // What cannot be computed keeps its saved value, so that what reads it can still be checked.
    if (hasCache && (outcome !== undefined || isOpen[formula] === 1)) return cachedValue(cell)
    if (outcome !== undefined) throw new UnsupportedFormula('reads a formula that has no value')
    if (isOpen[formula] === 1) throw new UnsupportedFormula('circular reference')
    throw new PendingFormula(formula)
  }
  const cells = cellSource(workbook, options.budget, readFormula)

  const evaluation = (place: FormulaPlace, array: CellRange | null): Evaluation => ({
    place,
    names,
    cells,
    memory,
    date1904: workbook.date1904,
    isArray: array !== null,
    bound: noNames,
    array,
    library: options.library,
    depth: 0,
    evaluate: evaluateExpression,
  })

  const valueOf = (formula: number): Scalar => {
    const unique = index.uniques[index.unique[formula] ?? 0]
    if (unique === undefined || unique.problem !== null) throw new UnsupportedFormula('formula that cannot be parsed')
    const sheet = index.sheet[formula] ?? 0
    const row = index.baseRow[formula] ?? 0
    const column = index.baseColumn[formula] ?? 0
    const array = formulaCell(workbook, index, formula)?.array ?? null
    const place = { sheet, row, column }
    if (array === null) {
      const value = evaluateRoot(unique.expression, evaluation(place, null))
      return isSingle(value) ? value : null
    }
    const key = `${sheet}.${row}.${column}`
    let whole = arrays.get(key)
    if (whole === undefined) {
      const value = evaluateRoot(unique.expression, evaluation(place, array))
      whole = isSingle(value) || isMatrix(value) ? value : null
      if (isMatrix(whole) && whole.values.length > 1 && isBlocked(unique, array))
        throw new UnsupportedFormula('array that has no room to spill')
      arrays.set(key, whole)
    }
    if (!isMatrix(whole)) return whole ?? 0
    return matrixAt(whole, (index.row[formula] ?? 0) - row, (index.column[formula] ?? 0) - column) ?? 0
  }

  const attempt = (formula: number): FormulaOutcome | PendingFormula =>
    options.circular.has(formula)
      ? { kind: 'unsupported', reason: 'circular reference' }
      : attemptValue(() => valueOf(formula))

  const compute = (wanted: number): FormulaOutcome => {
    const path = [wanted]
    try {
      for (let formula = path.at(-1); formula !== undefined; formula = path.at(-1)) {
        isOpen[formula] = 1
        const outcome = outcomes[formula] ?? attempt(formula)
        if (outcome instanceof PendingFormula) {
          path.push(outcome.formula)
          continue
        }
        outcomes[formula] = outcome
        isOpen[formula] = 0
        path.pop()
      }
    } finally {
      for (const formula of path) isOpen[formula] = 0
    }
    return outcomes[wanted] ?? { kind: 'unsupported', reason: 'circular reference' }
  }

  return {
    evaluation,
    compute,
    settle: (value) =>
      outcomeOf(() => {
        for (;;) {
          const outcome = attemptValue(value)
          if (!(outcome instanceof PendingFormula)) return outcome
          compute(outcome.formula)
        }
      }),
  }
}

const attemptValue = (value: () => Scalar): FormulaOutcome | PendingFormula => {
  try {
    return { kind: 'value', value: value() }
  } catch (error) {
    if (error instanceof PendingFormula) return error
    if (error instanceof VolatileFormula) return { kind: 'volatile' }
    if (error instanceof UnsupportedFormula) return { kind: 'unsupported', reason: error.message }
    if (error instanceof RangeError) return { kind: 'unsupported', reason: 'formula that is too deep' }
    throw error
  }
}

/** The outcome of a computation on its own; running out of operations is one, too. */
export const outcomeOf = (compute: () => FormulaOutcome): FormulaOutcome => {
  try {
    return compute()
  } catch (error) {
    if (isExhausted(error)) return { kind: 'unsupported', reason: 'more operations than allowed' }
    throw error
  }
}

// A result that should spill but holds one cell only was blocked: the file then has an error in place of #SPILL!.
const isBlocked = ({ functions }: UniqueFormula, { top, left, bottom, right }: CellRange): boolean =>
  top === bottom && left === right && functions.some((name) => name in dynamicArrayFunctions)

const noNames: ReadonlyMap<string, FormulaValue> = new Map()

const isSingle = (value: unknown): value is Scalar =>
  typeof value !== 'object' || value === null || (value as { kind: string }).kind === 'error'

/** True for the error that ends a recalculation. */
export const isExhausted = (error: unknown): boolean => error instanceof OperationsExhausted
