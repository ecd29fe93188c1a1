import { parse } from '@borgar/fx/xlsx'
import { compileFormula } from './formula-compiler.ts'
import type { FormulaExpression, ReferenceUse } from './formula-expression.ts'
import { fxTokens } from './fx-tokens.ts'
import { toR1C1 } from './r1c1-notation.ts'

/** A formula as all its copies share it. */
export interface ParsedFormula {
  /** The R1C1 text, the same for every copy of the formula. */
  readonly r1c1: string
  /** Why the formula could not be parsed, else null. */
  readonly problem: string | null
  readonly expression: FormulaExpression
  readonly references: readonly ReferenceUse[]
  /** Functions in upper case, each once. */
  readonly functions: readonly string[]
  /** Defined names as written, each once. */
  readonly names: readonly string[]
  /** External workbooks (`1` of `[1]Sheet1!A1`), each once. */
  readonly workbooks: readonly string[]
  /** Recalculated on every change: NOW, RAND, OFFSET, ... */
  readonly volatile: boolean
  /** Reads cells that only its evaluation names: OFFSET, INDIRECT. */
  readonly dynamic: boolean
}

/** Functions that make a formula volatile. */
const volatileFunctions: readonly string[] = [
  'CELL',
  'INDIRECT',
  'INFO',
  'NOW',
  'OFFSET',
  'RAND',
  'RANDARRAY',
  'RANDBETWEEN',
  'TODAY',
]

/** Reads a formula (without its `=`) of the cell at `row`, `column`. */
export type FormulaParser = (formula: string, row: number, column: number) => ParsedFormula

// Excel allows 8 192 characters; what is far longer was not written by a spreadsheet program.
const maxLength = 32_768

/** Distinct formulas analysed at most: each takes about a kilobyte, and real workbooks have far fewer. */
const maxDistinct = 300_000

/**
 * A parser that remembers each distinct R1C1 formula, so that copies cost only the translation. Distinct formulas above
 * the limit are all the same broken one, so that a hostile workbook does not take all memory.
 */
export const formulaParser = (distinct: number = maxDistinct): FormulaParser => {
  const known = new Map<string, ParsedFormula>()
  const beyond = broken('', `The workbook has more than ${distinct} different formulas.`)
  return (formula, row, column) => {
    const r1c1 = toR1C1(formula, row, column)
    let parsed = known.get(r1c1)
    if (parsed === undefined) {
      if (known.size >= distinct) return beyond
      parsed = parseAs(r1c1, formula, row, column)
      known.set(r1c1, parsed)
    }
    return parsed
  }
}

/** Parses one formula (without its `=`) of the cell at `row`, `column`; a broken one has a `problem` and no throw. */
export const parseFormula: FormulaParser = (formula, row, column) =>
  parseAs(toR1C1(formula, row, column), formula, row, column)

const parseAs = (r1c1: string, formula: string, row: number, column: number): ParsedFormula => {
  if (formula.length > maxLength) return broken(r1c1, `The formula is longer than ${maxLength} characters.`)
  try {
    const compiled = compileFormula(parse(fxTokens(formula)), row, column)
    const names = new Set<string>()
    const workbooks = new Set<string>()
    for (const { reference } of compiled.references) {
      if (reference.workbook !== null) workbooks.add(reference.workbook)
      else if (reference.kind === 'name') names.add(reference.name)
    }
    return {
      r1c1,
      problem: null,
      ...compiled,
      names: [...names],
      workbooks: [...workbooks],
      volatile: compiled.functions.some((name) => volatileFunctions.includes(name)),
      dynamic: compiled.functions.includes('OFFSET') || compiled.functions.includes('INDIRECT'),
    }
  } catch (error) {
    return broken(r1c1, error instanceof Error ? error.message : String(error))
  }
}

const broken = (r1c1: string, problem: string): ParsedFormula => ({
  r1c1,
  problem,
  expression: { kind: 'missing' },
  references: [],
  functions: [],
  names: [],
  workbooks: [],
  volatile: false,
  dynamic: false,
})
