import type { CellRange } from '../workbook.ts'
import type { FormulaExpression } from '../formulas/formula-expression.ts'
import type { FormulaPlace, SheetArea, WorkbookNames } from '../formulas/workbook-names.ts'
import type { CellSource } from './cell-source.ts'
import type { EvaluationMemory } from './evaluation-memory.ts'
import type { FormulaValue, Scalar } from './formula-value.ts'

/** What the evaluation of one formula has at hand; functions get it as their last argument. */
export interface Evaluation {
  readonly place: FormulaPlace
  readonly names: WorkbookNames
  readonly cells: CellSource
  readonly memory: EvaluationMemory
  readonly date1904: boolean
  /** Ranges stand for all their values (array formulas, SUMPRODUCT), not for the cell in the formula's row or column. */
  readonly isArray: boolean
  /** Names bound by LET, in lower case. */
  readonly bound: ReadonlyMap<string, FormulaValue>
  /** The range an array formula fills. */
  readonly array: CellRange | null
  /** Functions of the long tail, once loaded. */
  readonly library: ReadonlyMap<string, FormulaFunction>
  /** Names being followed, so that names that mean each other end. */
  readonly depth: number
  evaluate(expression: FormulaExpression, evaluation: Evaluation): FormulaValue
}

/** A function of single values. Errors among the arguments are the result; arrays are mapped. */
export interface ScalarFunction {
  readonly kind: 'scalar'
  readonly least: number
  readonly most: number
  apply(values: readonly Scalar[], evaluation: Evaluation): FormulaValue
}

/** A function that takes ranges and arrays as they are. */
export interface RangeFunction {
  readonly kind: 'range'
  readonly least: number
  readonly most: number
  /** Which of its arguments are computed as arrays, also outside of array formulas. */
  readonly arrays: ArrayArguments
  apply(values: readonly FormulaValue[], evaluation: Evaluation): FormulaValue
}

/** SUMPRODUCT computes all its arguments as arrays, INDEX the first, LOOKUP all but the first. */
export type ArrayArguments = 'none' | 'all' | 'first' | 'rest'

/** A function that decides itself which arguments to evaluate. */
export interface LazyFunction {
  readonly kind: 'lazy'
  readonly least: number
  readonly most: number
  apply(expressions: readonly FormulaExpression[], evaluation: Evaluation): FormulaValue
}

/** A worksheet function. */
export type FormulaFunction = ScalarFunction | RangeFunction | LazyFunction

/** A table of functions by name. */
export type FunctionTable = Readonly<Record<string, FormulaFunction>>

/** Defines a function of single values. */
export const scalar = (least: number, most: number, apply: ScalarFunction['apply']): ScalarFunction => ({
  kind: 'scalar',
  least,
  most,
  apply,
})

/** Defines a function of ranges. */
export const range = (least: number, most: number, apply: RangeFunction['apply']): RangeFunction => ({
  kind: 'range',
  least,
  most,
  arrays: 'none',
  apply,
})

/** Defines a function that computes its arguments as arrays. */
export const arrays = (
  least: number,
  most: number,
  apply: RangeFunction['apply'],
  which: ArrayArguments = 'all',
): RangeFunction => ({ kind: 'range', least, most, arrays: which, apply })

/** Defines a function that evaluates its arguments itself. */
export const lazy = (least: number, most: number, apply: LazyFunction['apply']): LazyFunction => ({
  kind: 'lazy',
  least,
  most,
  apply,
})

/** The only area of a reference, or null. */
export const onlyArea = (value: FormulaValue): SheetArea | null =>
  typeof value === 'object' && value !== null && value.kind === 'areas' && value.areas.length === 1
    ? (value.areas[0] ?? null)
    : null
