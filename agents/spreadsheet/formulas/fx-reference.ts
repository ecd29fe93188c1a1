import { parseA1Ref, parseStructRef, type ReferenceIdentifier } from '@borgar/fx/xlsx'
import { maxColumns, maxRows } from './cell-reference.ts'
import type { AreaReference, Coordinate, FormulaReference, TableSection } from './formula-expression.ts'

const sections: readonly TableSection[] = ['all', 'data', 'headers', 'totals', 'this row']

/** Reads the text of a reference in a formula of the cell at `row`, `column`; null when it is none after all. */
export const fxReference = (node: ReferenceIdentifier, row: number, column: number): FormulaReference | null =>
  node.kind === 'table' ? tableReference(node.value) : areaOrName(node.value, row, column)

const tableReference = (text: string): FormulaReference | null => {
  const parsed = parseStructRef(text)
  if (parsed === undefined) return null
  const [first = null, last = first] = parsed.columns ?? []
  return {
    kind: 'table',
    workbook: external(parsed.workbookName),
    table: parsed.table === undefined || parsed.table === '' ? null : parsed.table,
    firstColumn: first,
    lastColumn: last,
    sections: sections.filter((section) => parsed.sections?.some((named) => named.toLowerCase() === section)),
  }
}

const areaOrName = (text: string, row: number, column: number): FormulaReference | null => {
  const parsed = parseA1Ref(text)
  if (parsed === undefined) return null
  const sheetText = parsed.sheetName === undefined || parsed.sheetName === '' ? null : parsed.sheetName
  const workbook = external(parsed.workbookName)
  if ('name' in parsed) return { kind: 'name', workbook, sheet: sheetText, name: parsed.name }
  const { range } = parsed
  // A sheet name cannot hold a colon, so one always divides the two ends of a 3D reference.
  const [sheet = null, lastSheet = null] = sheetText === null ? [] : sheetText.split(':')
  const edge = (
    at: number | null | undefined,
    pinned: boolean | null | undefined,
    end: number,
    base: number,
  ): Coordinate =>
    at === null || at === undefined
      ? { at: end, fixed: true }
      : { at: pinned === true ? at : at - base, fixed: pinned === true }
  return {
    kind: 'area',
    workbook,
    sheet,
    lastSheet,
    top: edge(range.top, range.$top, 0, row),
    left: edge(range.left, range.$left, 0, column),
    bottom: edge(range.bottom, range.$bottom, maxRows - 1, row),
    right: edge(range.right, range.$right, maxColumns - 1, column),
  }
}

// Files write a name of the workbook itself as `[0]!name`.
const external = (workbook: string | undefined): string | null =>
  workbook === undefined || workbook === '' || workbook === '0' ? null : workbook

/** The area from one single cell to another (`Sheet1!A1:Sheet1!B2`), when both are plain cells of one sheet. */
export const areaBetween = (from: FormulaReference, to: FormulaReference): AreaReference | null => {
  if (!isSingleCell(from) || !isSingleCell(to)) return null
  if (from.workbook !== to.workbook && to.workbook !== null) return null
  if (to.sheet !== null && to.sheet !== from.sheet) return null
  return { ...from, bottom: to.top, right: to.left }
}

const isSingleCell = (reference: FormulaReference): reference is AreaReference =>
  reference.kind === 'area' &&
  reference.lastSheet === null &&
  isSame(reference.top, reference.bottom) &&
  isSame(reference.left, reference.right)

const isSame = (one: Coordinate, other: Coordinate): boolean => one.at === other.at && one.fixed === other.fixed
