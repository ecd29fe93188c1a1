import type { CellGraph } from '../formulas/cell-graph.ts'
import { formatCell } from '../formulas/cell-reference.ts'
import { type FormulaIndex, formulaCell } from '../formulas/formula-index.ts'
import type { CellValue, Workbook } from '../workbook.ts'
import { type FormulaOutcome, type RecalculationMode, formulaRunner, isExhausted } from './formula-runner.ts'
import { type Scalar, isError } from './formula-value.ts'
import { longTailFunctions } from './long-tail-functions.ts'
import { agreesWithCache } from './value-agreement.ts'

/** A cell by its sheet and A1 name. */
export interface CellName {
  readonly sheet: string
  readonly cell: string
}

/** A formula whose saved value is not what it gives. */
export interface RecalculationMismatch extends CellName {
  readonly formula: string
  readonly cached: CellValue
  /** Errors as their text. */
  readonly computed: CellValue
}

/** Formulas that could not be computed, by what they need. */
export interface UnsupportedGroup {
  readonly reason: string
  readonly count: number
  readonly examples: readonly CellName[]
}

/** What a recalculation found. */
export interface Recalculation {
  readonly mode: RecalculationMode
  readonly formulas: number
  /** Formulas that were computed and have a saved value to compare with. */
  readonly checked: number
  readonly agreed: number
  readonly mismatches: readonly RecalculationMismatch[]
  readonly unsupported: readonly UnsupportedGroup[]
  /** Formulas that ask for the time or for chance. */
  readonly volatile: number
  /** Formulas without a saved value. */
  readonly uncached: number
  /** Set when the operations ran out: how many formulas were not looked at. */
  readonly limited: { readonly unchecked: number; readonly operations: number } | null
}

/** How to recalculate. */
export interface RecalculationOptions {
  readonly mode: RecalculationMode
  /** Cells read and functions called at most; about 50 million a second. */
  readonly operations?: number
  /** Is awaited every few thousand formulas; what it throws ends the recalculation. */
  readonly pause?: () => Promise<void>
}

const defaultOperations = 300_000_000

const formulasBetweenPauses = 5_000

const exampleLimit = 5

/** Computes the formulas of a workbook and compares them with their saved values. */
export const recalculate = async (
  workbook: Workbook,
  index: FormulaIndex,
  graph: CellGraph,
  options: RecalculationOptions,
): Promise<Recalculation> => {
  const operations = options.operations ?? defaultOperations
  const runner = formulaRunner(workbook, index, {
    mode: options.mode,
    budget: { left: operations },
    library: await longTailFunctions(index.functions.keys()),
    circular: new Set(graph.circular.flat()),
  })
  const groups = new Map<string, { count: number; examples: CellName[] }>()
  const mismatches: RecalculationMismatch[] = []
  let checked = 0
  let agreed = 0
  let volatile = 0
  let uncached = 0
  let done = 0

  const note = (formula: number, outcome: FormulaOutcome): void => {
    if (outcome.kind === 'volatile') {
      volatile += 1
    } else if (outcome.kind === 'unsupported') {
      const group = groups.get(outcome.reason) ?? { count: 0, examples: [] }
      groups.set(outcome.reason, group)
      group.count += 1
      if (group.examples.length < exampleLimit) group.examples.push(nameOf(workbook, index, formula))
    } else {
      const cell = formulaCell(workbook, index, formula)
      if (cell === undefined || cell.type === 'empty') {
        uncached += 1
        return
      }
      checked += 1
      if (agreesWithCache(outcome.value, cell, workbook.format)) {
        agreed += 1
        return
      }
      mismatches.push({
        ...nameOf(workbook, index, formula),
        formula: cell.formula ?? '',
        cached: cell.value,
        computed: plainValue(outcome.value),
      })
    }
  }

  let isLimited = false
  try {
    for (const formula of graph.order) {
      note(formula, runner.compute(formula))
      done += 1
      if (done % formulasBetweenPauses === 0) await options.pause?.()
    }
  } catch (error) {
    if (!isExhausted(error)) throw error
    isLimited = true
  }
  return {
    mode: options.mode,
    formulas: index.count,
    checked,
    agreed,
    mismatches,
    unsupported: [...groups]
      .map(([reason, group]) => ({ reason, ...group }))
      .sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1)),
    volatile,
    uncached,
    limited: isLimited ? { unchecked: index.count - done, operations } : null,
  }
}

const nameOf = (workbook: Workbook, index: FormulaIndex, formula: number): CellName => ({
  sheet: workbook.sheets[index.sheet[formula] ?? 0]?.name ?? '',
  cell: formatCell(index.row[formula] ?? 0, index.column[formula] ?? 0),
})

/** A computed value as a cell would hold it: errors as their text. */
export const plainValue = (value: Scalar): CellValue => (isError(value) ? value.code : value)
