import { isBuiltInName } from './built-in-name.ts'
import type { CellRange, DefinedName, Sheet, Workbook } from '../workbook.ts'

/** What one sheet is made of, in numbers. */
export interface SheetStructure {
  readonly name: string
  readonly kind: Sheet['kind']
  readonly state: Sheet['state']
  readonly used: CellRange | null
  /** Cells with a value or a formula. */
  readonly cells: number
  readonly formulas: number
  /** Cells with a value and no formula. */
  readonly constants: number
  /** Constants that are text. */
  readonly text: number
  readonly errors: number
  /** Cells that show an error, by the error. */
  readonly errorsByType: Readonly<Record<string, number>>
  readonly merges: number
  readonly tables: number
  readonly pivots: number
  readonly charts: number
  readonly validations: number
  readonly conditionalFormats: number
  readonly comments: number
  readonly protected: boolean
  readonly hiddenRows: number
  readonly hiddenColumns: number
}

/** What a workbook is made of. The names of its users are listed, everything else counted. */
export interface WorkbookStructure {
  readonly sheets: readonly SheetStructure[]
  readonly totals: {
    readonly sheets: number
    readonly cells: number
    readonly formulas: number
    readonly errors: number
  }
  readonly names: {
    readonly total: number
    readonly hidden: readonly string[]
    /** Names whose formula holds a broken reference. */
    readonly broken: readonly string[]
    /** Names no formula uses; null when it was not told which names are used. */
    readonly unused: readonly string[] | null
  }
  readonly externalLinks: readonly string[]
  readonly calculation: Workbook['calculation']
  readonly date1904: boolean
  readonly vba: boolean
}

/** Counts a workbook. `usedNames` holds the names that formulas refer to, in any case. */
export function describeStructure(workbook: Workbook, usedNames?: ReadonlySet<string>): WorkbookStructure {
  const sheets = workbook.sheets.map(describeSheet)
  const sum = (count: (sheet: SheetStructure) => number): number => sheets.reduce((all, sheet) => all + count(sheet), 0)
  return {
    sheets,
    totals: {
      sheets: sheets.length,
      cells: sum((sheet) => sheet.cells),
      formulas: sum((sheet) => sheet.formulas),
      errors: sum((sheet) => sheet.errors),
    },
    names: describeNames(workbook.names, usedNames),
    externalLinks: workbook.externalLinks,
    calculation: workbook.calculation,
    date1904: workbook.date1904,
    vba: workbook.vba,
  }
}

function describeSheet(sheet: Sheet): SheetStructure {
  let [cells, formulas, text, errors] = [0, 0, 0, 0]
  const errorsByType: Record<string, number> = {}
  for (const row of sheet.rows) {
    row?.forEach((cell) => {
      if (cell === undefined) return
      cells++
      if (cell.formula !== undefined) formulas++
      else if (cell.type === 'text') text++
      if (cell.type !== 'error') return
      errors++
      const error = String(cell.value)
      errorsByType[error] = (errorsByType[error] ?? 0) + 1
    })
  }
  return {
    name: sheet.name,
    kind: sheet.kind,
    state: sheet.state,
    used: sheet.used,
    cells,
    formulas,
    constants: cells - formulas,
    text,
    errors,
    errorsByType,
    merges: sheet.merges.length,
    tables: sheet.tables.length,
    pivots: sheet.pivots,
    charts: sheet.charts,
    validations: sheet.validations,
    conditionalFormats: sheet.conditionalFormats,
    comments: sheet.comments,
    protected: sheet.protected,
    hiddenRows: sheet.hiddenRows,
    hiddenColumns: sheet.hiddenColumns,
  }
}

function describeNames(
  defined: readonly DefinedName[],
  used: ReadonlySet<string> | undefined,
): WorkbookStructure['names'] {
  const names = defined.filter(({ name }) => !isBuiltInName(name))
  const known = used === undefined ? null : new Set([...used].map((name) => name.toLowerCase()))
  const called = (list: readonly DefinedName[]): readonly string[] => list.map((name) => name.name)
  return {
    total: names.length,
    hidden: called(names.filter((name) => name.hidden)),
    broken: called(names.filter((name) => isBroken(name.formula))),
    unused: known && called(names.filter(({ name }) => !known.has(name.toLowerCase()))),
  }
}

/** A broken reference outside of text and quoted sheet names. */
function isBroken(formula: string): boolean {
  return formula.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '').includes('#REF!')
}
