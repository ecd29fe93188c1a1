/**
 * What the reader makes of a workbook, and what every later phase works on. Rows and columns are counted from zero
 * inside; A1 notation is for people and formulas. A sheet's cells are sparse: `rows[r]?.[c]`.
 */

/** The container formats the reader opens. */
export type WorkbookFormat = 'xlsx' | 'xlsm' | 'xlsb' | 'xls' | 'ods' | 'csv'

/** Visible to the user, hidden by the menu, or hidden so that only the VBA editor can bring it back. */
export type SheetState = 'visible' | 'hidden' | 'veryHidden'

/** A rectangle of cells, both ends included. */
export interface CellRange {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** The cached value of a cell: a number (dates are serial numbers), a text, a boolean, or nothing. */
export type CellValue = number | string | boolean | null

/** One cell with a value or a formula. */
export interface Cell {
  /** `error` cells hold the error's text (`#REF!`) as their value; `empty` is a formula without a cached value. */
  readonly type: 'number' | 'text' | 'boolean' | 'error' | 'empty'
  readonly value: CellValue
  /** The formula in A1 notation without its `=`. Members of a shared formula carry their own translated text. */
  readonly formula?: string
  /** The range an array formula or a data table fills, on each of its cells. */
  readonly array?: CellRange
  /** The number format code, when it is not General. */
  readonly format?: string
}

/** A structured table (ListObject). */
export interface SheetTable {
  readonly name: string
  readonly range: CellRange
  readonly columns: readonly string[]
  readonly headerRow: boolean
  readonly totalsRow: boolean
}

/** One sheet with its cells and the counts of what else is on it. */
export interface Sheet {
  readonly name: string
  /** Position in the workbook, from zero. */
  readonly index: number
  readonly kind: 'worksheet' | 'chartsheet' | 'dialogsheet' | 'macrosheet'
  readonly state: SheetState
  /** The smallest range that holds every cell with a value or a formula; null for an empty sheet. */
  readonly used: CellRange | null
  readonly rows: readonly (readonly (Cell | undefined)[] | undefined)[]
  readonly merges: readonly CellRange[]
  readonly tables: readonly SheetTable[]
  readonly pivots: number
  readonly charts: number
  /** What its charts draw, as the formulas in them. Binary xls and OpenDocument files tell none. */
  readonly chartSources: readonly string[]
  readonly validations: number
  readonly conditionalFormats: number
  readonly comments: number
  readonly protected: boolean
  readonly hiddenRows: number
  readonly hiddenColumns: number
}

/** A defined name. `sheet` is set when the name is local to one sheet. */
export interface DefinedName {
  readonly name: string
  readonly formula: string
  readonly sheet?: string
  readonly hidden: boolean
}

/** A workbook that passed the integrity gate. */
export interface Workbook {
  /** SHA-256 of the file, in hex. */
  readonly sha256: string
  readonly format: WorkbookFormat
  readonly sheets: readonly Sheet[]
  readonly names: readonly DefinedName[]
  /** Targets of external link parts, in the order `[1]`, `[2]`, ... of the formulas. */
  readonly externalLinks: readonly string[]
  readonly calculation: { readonly mode: 'auto' | 'manual' | 'autoNoTable'; readonly iterative: boolean }
  readonly date1904: boolean
  readonly vba: boolean
}
