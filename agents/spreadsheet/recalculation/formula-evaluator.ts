import type { CellGraph } from '../formulas/cell-graph.ts'
import { parseAddress, parseCell } from '../formulas/cell-reference.ts'
import { type FormulaIndex, formulaAt } from '../formulas/formula-index.ts'
import { parseFormula } from '../formulas/formula-parser.ts'
import type { FormulaPlace } from '../formulas/workbook-names.ts'
import type { CellValue, Workbook } from '../workbook.ts'
import { cachedValue } from './cell-source.ts'
import { evaluateRoot } from './evaluator.ts'
import {
  type FormulaOutcome,
  type RecalculationMode,
  type RunnerOptions,
  formulaRunner,
  outcomeOf,
} from './formula-runner.ts'
import { type FormulaValue, type Scalar, isAreas, isMatrix } from './formula-value.ts'
import { longTailFunctions } from './long-tail-functions.ts'
import { plainValue } from './recalculate.ts'

/** What a formula or cell comes to; errors are their text. */
export type EvaluatedValue =
  | { readonly kind: 'value'; readonly value: CellValue }
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'volatile' }

/** Evaluates what is not in the workbook: a total someone claims, a formula someone proposes. */
export interface FormulaEvaluator {
  /** A formula, with or without `=`, as if it stood in a cell of the sheet (the first one unless named). */
  evaluateFormula(formula: string, sheet?: string): Promise<EvaluatedValue>
  /** A cell, `B7` of the sheet or `Sheet1!B7`: its formula computed anew, or its constant. */
  evaluateCell(address: string, sheet?: string): Promise<EvaluatedValue>
}

/** How to evaluate. */
export interface EvaluatorOptions {
  /** Whether formulas are computed from saved values (the default) or from values computed anew. */
  readonly mode?: RecalculationMode
  /** Cells read and functions called at most, for each evaluation. */
  readonly operations?: number
}

const defaultOperations = 20_000_000

/** An evaluator over a workbook. */
export const formulaEvaluator = (
  workbook: Workbook,
  index: FormulaIndex,
  graph: CellGraph,
  options: EvaluatorOptions = {},
): FormulaEvaluator => {
  const operations = options.operations ?? defaultOperations
  const library = new Map<string, NonNullable<ReturnType<RunnerOptions['library']['get']>>>()
  const budget = { left: operations }
  const circular = new Set(graph.circular.flat())
  const runner = formulaRunner(workbook, index, { mode: options.mode ?? 'cached', budget, library, circular })

  const prepare = async (functions: Iterable<string>): Promise<void> => {
    for (const [name, one] of await longTailFunctions(functions)) library.set(name, one)
    budget.left = operations
  }

  const sheetIndex = (name: string | undefined): number =>
    name === undefined ? 0 : workbook.sheets.findIndex((one) => one.name.toLowerCase() === name.toLowerCase())

  return {
    evaluateFormula: async (formula, sheet) => {
      const place: FormulaPlace = { sheet: sheetIndex(sheet), row: 0, column: 0 }
      if (place.sheet < 0) return { kind: 'unsupported', reason: `There is no sheet "${sheet}".` }
      const parsed = parseFormula(formula.replace(/^\s*=/, ''), 0, 0)
      if (parsed.problem !== null)
        return { kind: 'unsupported', reason: `The formula cannot be read: ${parsed.problem}` }
      // What the cells of the workbook need may be needed as well, when they are computed anew.
      await prepare([...parsed.functions, ...index.functions.keys()])
      const outcome = runner.settle(() => single(evaluateRoot(parsed.expression, runner.evaluation(place, null))))
      return plainOutcome(outcome)
    },
    evaluateCell: async (address, sheet) => {
      const parsed = parseAddress(address)
      const at = parsed === null ? null : parseCell(address.slice(address.lastIndexOf('!') + 1))
      if (parsed === null || at === null) return { kind: 'unsupported', reason: `"${address}" is no cell.` }
      const name = parsed.sheet ?? sheet
      const which = sheetIndex(name)
      if (which < 0) return { kind: 'unsupported', reason: `There is no sheet "${name}".` }
      const cell = workbook.sheets[which]?.rows[at.row]?.[at.column]
      const formula = formulaAt(index, which, at.row, at.column)
      if (formula < 0) return { kind: 'value', value: cell === undefined ? null : plainValue(cachedValue(cell)) }
      await prepare(index.functions.keys())
      return plainOutcome(outcomeOf(() => runner.compute(formula)))
    },
  }
}

const single = (value: FormulaValue): Scalar => {
  if (isMatrix(value)) return value.values[0] ?? null
  return isAreas(value) ? null : value
}

const plainOutcome = (outcome: FormulaOutcome): EvaluatedValue =>
  outcome.kind === 'value' ? { kind: 'value', value: plainValue(outcome.value) } : outcome
