import type {
  Cell,
  CellRange,
  CellValue,
  DefinedName,
  Sheet,
  SheetTable,
  Workbook,
} from '../../../agents/spreadsheet/workbook.ts'
import { parseCell, parseRange } from '../../../agents/spreadsheet/formulas/cell-reference.ts'

/** A constant, a formula (`=A1*2`), or a formula with its cached value. Text that starts with `#` is an error. */
export type BuiltCell =
  | CellValue
  | { readonly formula: string; readonly cached?: CellValue; readonly array?: string; readonly format?: string }

/** What a built workbook has besides its cells. */
export interface BuiltExtras {
  readonly names?: Record<string, string>
  /** Tables by sheet: `{ Sheet1: [{ name: 'Sales', range: 'A1:B4', columns: ['Item', 'Amount'] }] }`. */
  readonly tables?: Record<string, readonly BuiltTable[]>
  /** What charts draw, by the sheet they are on. */
  readonly chartSources?: Record<string, readonly string[]>
  readonly externalLinks?: readonly string[]
  readonly date1904?: boolean
}

interface BuiltTable {
  readonly name: string
  readonly range: string
  readonly columns: readonly string[]
  readonly headerRow?: boolean
  readonly totalsRow?: boolean
}

/** A workbook by hand: `workbookOf({ Sheet1: { A1: 1, B1: '=A1*2', C1: { formula: 'B1+1', cached: 3 } } })`. */
export const workbookOf = (sheets: Record<string, Record<string, BuiltCell>>, extras: BuiltExtras = {}): Workbook => ({
  sha256: '0'.repeat(64),
  format: 'xlsx',
  sheets: Object.entries(sheets).map(([name, cells], index) => sheetOf(name, index, cells, extras)),
  names: Object.entries(extras.names ?? {}).map(([name, formula]) => nameOf(name, formula)),
  externalLinks: extras.externalLinks ?? [],
  calculation: { mode: 'auto', iterative: false },
  date1904: extras.date1904 ?? false,
  vba: false,
})

/** `Sheet1!Rate` is a name local to Sheet1. */
const nameOf = (name: string, formula: string): DefinedName => {
  const [sheet, local] = name.split('!')
  return local === undefined
    ? { name, formula, hidden: false }
    : { name: local, formula, sheet: sheet ?? '', hidden: false }
}

const sheetOf = (name: string, index: number, cells: Record<string, BuiltCell>, extras: BuiltExtras): Sheet => {
  const rows: (Cell | undefined)[][] = []
  let used = null as CellRange | null
  for (const [address, built] of Object.entries(cells)) {
    const position = parseCell(address)
    if (position === null) throw new Error(`"${address}" is no cell: write it like B7.`)
    const { row, column } = position
    rows[row] ??= []
    rows[row][column] = cellOf(built)
    used = {
      top: Math.min(used?.top ?? row, row),
      left: Math.min(used?.left ?? column, column),
      bottom: Math.max(used?.bottom ?? row, row),
      right: Math.max(used?.right ?? column, column),
    }
  }
  return {
    name,
    index,
    kind: 'worksheet',
    state: 'visible',
    used,
    rows,
    merges: [],
    tables: (extras.tables?.[name] ?? []).map(tableOf),
    pivots: 0,
    charts: 0,
    chartSources: extras.chartSources?.[name] ?? [],
    validations: 0,
    conditionalFormats: 0,
    comments: 0,
    protected: false,
    hiddenRows: 0,
    hiddenColumns: 0,
  }
}

const tableOf = ({ name, range, columns, headerRow = true, totalsRow = false }: BuiltTable): SheetTable => ({
  name,
  range: rangeOf(range),
  columns,
  headerRow,
  totalsRow,
})

const rangeOf = (text: string): CellRange => {
  const range = parseRange(text)
  if (range === null) throw new Error(`"${text}" is no range: write it like A1:B7.`)
  return range
}

const cellOf = (built: BuiltCell): Cell => {
  if (typeof built === 'string' && built.startsWith('=')) return { type: 'empty', value: null, formula: built.slice(1) }
  if (typeof built !== 'object' || built === null) return valueCell(built)
  const { formula, cached = null, array, format } = built
  return {
    ...valueCell(cached),
    formula,
    ...(array === undefined ? {} : { array: rangeOf(array) }),
    ...(format === undefined ? {} : { format }),
  }
}

const valueCell = (value: CellValue): Cell => {
  if (value === null) return { type: 'empty', value }
  if (typeof value === 'number') return { type: 'number', value }
  if (typeof value === 'boolean') return { type: 'boolean', value }
  return { type: /^#[A-Z/0-9]+[!?]?$/.test(value) ? 'error' : 'text', value }
}
