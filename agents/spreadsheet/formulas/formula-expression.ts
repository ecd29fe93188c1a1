/**
 * What a formula means, free of the cell it stands in: references that move with the cell are kept as offsets from it,
 * so one expression serves every copy of a formula.
 */

/** One coordinate: an index from zero when `fixed`, else an offset from the formula's cell. */
export interface Coordinate {
  readonly at: number
  readonly fixed: boolean
}

/** A cell, a range, whole columns or whole rows. `sheet` is null for the formula's own sheet. */
export interface AreaReference {
  readonly kind: 'area'
  /** The external workbook (`1` of `[1]Sheet1!A1`), or null. */
  readonly workbook: string | null
  readonly sheet: string | null
  /** The last sheet of a 3D reference, else null. */
  readonly lastSheet: string | null
  readonly top: Coordinate
  readonly left: Coordinate
  readonly bottom: Coordinate
  readonly right: Coordinate
}

/** A defined name, with the sheet it is asked of when one is written. */
export interface NameReference {
  readonly kind: 'name'
  readonly workbook: string | null
  readonly sheet: string | null
  readonly name: string
}

/** A structured reference. `table` is null inside the table itself (`[@Amount]`). */
export interface TableReference {
  readonly kind: 'table'
  readonly workbook: string | null
  readonly table: string | null
  /** The first and last column; both null for all columns. */
  readonly firstColumn: string | null
  readonly lastColumn: string | null
  readonly sections: readonly TableSection[]
}

/** The parts of a table that a structured reference may name. */
export type TableSection = 'all' | 'data' | 'headers' | 'totals' | 'this row'

/** Anything a formula can refer to. */
export type FormulaReference = AreaReference | NameReference | TableReference

/** Operators with two operands; `:`, space and `,` make references out of references. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | '&' | '=' | '<>' | '<' | '<=' | '>' | '>=' | ':' | ' ' | ','

/** Operators with one operand; `#` is a spilled range, `@` the implicit intersection. */
export type UnaryOperator = '+' | '-' | '%' | '#' | '@'

/** The syntax tree of a formula. */
export type FormulaExpression =
  | { readonly kind: 'literal'; readonly value: number | string | boolean }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'reference'; readonly reference: FormulaReference }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: FormulaExpression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: FormulaExpression
      readonly right: FormulaExpression
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly FormulaExpression[] }
  | { readonly kind: 'array'; readonly rows: readonly (readonly FormulaExpression[])[] }
  | { readonly kind: 'let'; readonly bindings: readonly LetBinding[]; readonly body: FormulaExpression }
  | { readonly kind: 'lambda' }

/** One name of a LET with what it stands for. */
export interface LetBinding {
  readonly name: string
  readonly value: FormulaExpression
}

/** A reference as it occurs in a formula. */
export interface ReferenceUse {
  readonly reference: FormulaReference
  /** Only its position matters, not its content: `ROW(A5)`, the base of an OFFSET. No dependency, hence no cycle. */
  readonly positional: boolean
}
