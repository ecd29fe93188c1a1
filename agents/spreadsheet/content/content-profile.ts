import { formatRange } from '../formulas/cell-reference.ts'
import type { Sheet } from '../workbook.ts'
import { type ColumnProfile, profileColumns } from './column-profile.ts'
import { type DataQuality, dataQuality } from './data-quality.ts'
import { type DetectedTable, detectTables } from './table-detection.ts'

const tableLimit = 20
const columnLimit = 200

/** One table with the profile of its columns. */
export interface TableProfile {
  readonly name: string | null
  readonly range: string
  readonly rows: number
  readonly columns: readonly ColumnProfile[]
  readonly hasHeader: boolean
  readonly hasTotals: boolean
  readonly quality: DataQuality
}

/** The content of one sheet. What the limits left out is counted, never silently dropped. */
export interface SheetContent {
  readonly sheet: string
  readonly tables: readonly TableProfile[]
  readonly omittedTables: number
  readonly omittedColumns: number
  readonly quality: DataQuality | null
  /** The headers or addresses of columns with personal data, as `kind: column`. */
  readonly personalData: readonly string[]
}

/** Profiles the tables of a sheet, the largest ones when there are many; `mostColumns` bounds the columns listed. */
export function profileContent(sheet: Sheet, mostColumns: number = columnLimit): SheetContent {
  const detected = detectTables(sheet)
  let omittedColumns = 0
  let room = mostColumns
  const kept = [...detected].sort((a, b) => area(b) - area(a)).slice(0, tableLimit)
  const tables = kept
    .sort((a, b) => a.range.top - b.range.top || a.range.left - b.range.left)
    .map((table): TableProfile => {
      const all = profileColumns(sheet, table)
      const columns = all.slice(0, room)
      room -= columns.length
      omittedColumns += all.length - columns.length
      return {
        name: table.name,
        range: formatRange(table.range),
        rows: table.body.bottom - table.body.top + 1,
        columns,
        hasHeader: table.hasHeader,
        hasTotals: table.hasTotals,
        quality: dataQuality(all),
      }
    })
  const columns = tables.flatMap((table) => table.columns)
  return {
    sheet: sheet.name,
    tables,
    omittedTables: detected.length - tables.length,
    omittedColumns,
    quality: columns.length === 0 ? null : dataQuality(columns),
    personalData: columns.flatMap((column) => personalNote(column) ?? []),
  }
}

function personalNote({ personal, header, column }: ColumnProfile): string | null {
  if (personal === null) return null
  const place = formatRange({ top: 0, bottom: 1_048_575, left: column, right: column })
  return header === '' ? `${personal}: column ${place}` : `${personal}: ${header} (column ${place})`
}

function area({ range }: DetectedTable): number {
  return (range.bottom - range.top + 1) * (range.right - range.left + 1)
}
