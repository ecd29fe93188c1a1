import type { CellRange, DefinedName, SheetTable, Workbook } from '../workbook.ts'
import type {
  AreaReference,
  Coordinate,
  FormulaReference,
  NameReference,
  TableReference,
} from './formula-expression.ts'
import { type ParsedFormula, parseFormula } from './formula-parser.ts'
import { maxColumns, maxRows } from './cell-reference.ts'

/** A range on one sheet of the workbook. */
export interface SheetArea extends CellRange {
  readonly sheet: number
}

/** Where a formula stands: what relative references, local names and `[@Column]` are resolved against. */
export interface FormulaPlace {
  readonly sheet: number
  readonly row: number
  readonly column: number
}

/** The sheets, tables and defined names of a workbook, found by name, case aside. */
export interface WorkbookNames {
  sheetIndex(name: string): number
  /** The defined name that a formula on `sheet` means: its own sheet's first, then the workbook's. */
  definedName(
    reference: NameReference,
    sheet: number,
  ): { readonly name: DefinedName; readonly parsed: ParsedFormula } | null
  /** The structured reference that a table's bare name stands for, or null. */
  tableNamed(reference: NameReference): TableReference | null
  /** The areas of a reference that is no name: one, or one for each sheet of a 3D reference. Null is `#REF!`. */
  areas(reference: AreaReference | TableReference, place: FormulaPlace): readonly SheetArea[] | null
}

/** Prepares a workbook for resolving references. */
export const workbookNames = (workbook: Workbook): WorkbookNames => {
  const sheets = new Map(workbook.sheets.map((sheet, at) => [sheet.name.toLowerCase(), at]))
  const tables = new Map<string, { sheet: number; table: SheetTable }>()
  workbook.sheets.forEach((sheet, at) => {
    for (const table of sheet.tables) tables.set(table.name.toLowerCase(), { sheet: at, table })
  })
  const names = new Map<string, DefinedName>()
  for (const name of workbook.names) names.set(nameKey(name.name, name.sheet), name)
  const parsedNames = new Map<DefinedName, ParsedFormula>()
  const sheetIndex = (name: string): number => sheets.get(name.toLowerCase()) ?? -1

  const tableAt = (place: FormulaPlace): { sheet: number; table: SheetTable } | undefined => {
    for (const found of tables.values()) {
      const { top, left, bottom, right } = found.table.range
      const inside = place.row >= top && place.row <= bottom && place.column >= left && place.column <= right
      if (found.sheet === place.sheet && inside) return found
    }
    return undefined
  }

  return {
    sheetIndex,
    definedName: (reference, sheet) => {
      const scope = reference.sheet ?? workbook.sheets[sheet]?.name
      const name = names.get(nameKey(reference.name, scope)) ?? names.get(nameKey(reference.name))
      if (name === undefined) return null
      let parsed = parsedNames.get(name)
      if (parsed === undefined) {
        // Relative references of a name are written as if it stood in A1.
        parsed = parseFormula(name.formula, 0, 0)
        parsedNames.set(name, parsed)
      }
      return { name, parsed }
    },
    tableNamed: ({ workbook: external, name }) =>
      external === null && tables.has(name.toLowerCase())
        ? { kind: 'table', workbook: null, table: name, firstColumn: null, lastColumn: null, sections: [] }
        : null,
    areas: (reference, place) => {
      if (reference.workbook !== null) return null
      if (reference.kind === 'table') {
        const found = reference.table === null ? tableAt(place) : tables.get(reference.table.toLowerCase())
        return found === undefined ? null : tableArea(reference, found.table, found.sheet, place)
      }
      const first = reference.sheet === null ? place.sheet : sheetIndex(reference.sheet)
      const last = reference.lastSheet === null ? first : sheetIndex(reference.lastSheet)
      if (first < 0 || last < 0) return null
      const range = resolveRange(reference, place)
      if (first === last) return [{ sheet: first, ...range }]
      const from = Math.min(first, last)
      return Array.from({ length: Math.abs(last - first) + 1 }, (_, at) => ({ sheet: from + at, ...range }))
    },
  }
}

const nameKey = (name: string, sheet?: string): string => `${sheet?.toLowerCase() ?? ''}!${name.toLowerCase()}`

/** The range of an area reference as seen from a cell. */
export const resolveRange = (reference: AreaReference, place: FormulaPlace): CellRange => {
  const top = resolve(reference.top, place.row, maxRows)
  const bottom = resolve(reference.bottom, place.row, maxRows)
  const left = resolve(reference.left, place.column, maxColumns)
  const right = resolve(reference.right, place.column, maxColumns)
  return {
    top: top < bottom ? top : bottom,
    left: left < right ? left : right,
    bottom: top < bottom ? bottom : top,
    right: left < right ? right : left,
  }
}

// Relative references in names wrap around the edges of the sheet.
const resolve = (coordinate: Coordinate, base: number, size: number): number => {
  if (coordinate.fixed) return coordinate.at
  const at = base + coordinate.at
  if (at >= size) return at - size
  return at < 0 ? at + size : at
}

const tableArea = (
  reference: TableReference,
  table: SheetTable,
  sheet: number,
  place: FormulaPlace,
): readonly SheetArea[] | null => {
  const { range, columns } = table
  const columnAt = (name: string | null, missing: number): number =>
    name === null ? missing : columns.findIndex((column) => column.toLowerCase() === name.toLowerCase())
  const first = columnAt(reference.firstColumn, 0)
  const last = columnAt(reference.lastColumn, range.right - range.left)
  if (first < 0 || last < 0) return null
  const bodyTop = range.top + (table.headerRow ? 1 : 0)
  const bodyBottom = range.bottom - (table.totalsRow ? 1 : 0)
  let top = maxRows
  let bottom = -1
  const include = (from: number, to: number): void => {
    top = Math.min(top, from)
    bottom = Math.max(bottom, to)
  }
  for (const section of reference.sections.length === 0 ? (['data'] as const) : reference.sections) {
    if (section === 'all') include(range.top, range.bottom)
    else if (section === 'data') include(bodyTop, bodyBottom)
    else if (section === 'headers' && table.headerRow) include(range.top, range.top)
    else if (section === 'totals' && table.totalsRow) include(range.bottom, range.bottom)
    else if (section === 'this row') include(place.row, place.row)
  }
  if (top > bottom) return null
  return [{ sheet, top, bottom, left: range.left + Math.min(first, last), right: range.left + Math.max(first, last) }]
}

/** What following a reference meets. */
export interface ReferenceVisitor {
  area(area: SheetArea): void
  /** A name, sheet, table or column that does not exist. */
  missing(reference: FormulaReference): void
  external(workbook: string): void
}

/** Follows a reference to the areas it reads, through names and tables; names that mean each other end the walk. */
export const followReference = (
  reference: FormulaReference,
  place: FormulaPlace,
  names: WorkbookNames,
  visitor: ReferenceVisitor,
): void => {
  const seen = new Set<DefinedName>()
  const pending: FormulaReference[] = [reference]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.workbook !== null) {
      visitor.external(next.workbook)
    } else if (next.kind === 'name') {
      const found = names.definedName(next, place.sheet)
      const table = found === null ? names.tableNamed(next) : null
      if (table !== null) pending.push(table)
      else if (found === null) visitor.missing(next)
      else if (!seen.has(found.name)) {
        seen.add(found.name)
        for (const use of found.parsed.references) if (!use.positional) pending.push(use.reference)
      }
    } else {
      const areas = names.areas(next, place)
      if (areas === null) visitor.missing(next)
      else for (const area of areas) visitor.area(area)
    }
  }
}
