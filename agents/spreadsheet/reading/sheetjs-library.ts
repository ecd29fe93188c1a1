import * as library from '@e965/xlsx'
import type { DefinedName } from '../workbook.ts'
import type { SheetFeatures } from './sheet-features.ts'
import type { LibraryCell } from './sheetjs-cells.ts'
import type { WorkbookParts } from './workbook-parts.ts'

/** A sheet as the library hands it over in dense mode. */
export interface LibrarySheet {
  readonly '!data'?: (LibraryCell | undefined)[][]
  readonly '!type'?: string
  readonly '!merges'?: readonly {
    readonly s: { readonly r: number; readonly c: number }
    readonly e: { readonly r: number; readonly c: number }
  }[]
  readonly '!protect'?: unknown
  readonly '!rows'?: readonly ({ readonly hidden?: boolean } | undefined)[]
  readonly '!cols'?: readonly ({ readonly hidden?: boolean } | undefined)[]
}

/** A workbook as the library hands it over. */
export interface LibraryWorkbook {
  readonly SheetNames: readonly string[]
  readonly Sheets: Readonly<Record<string, LibrarySheet | undefined>>
  readonly Workbook?: {
    readonly Sheets?: readonly {
      readonly name?: string
      readonly Hidden?: 0 | 1 | 2
      readonly id?: string
      readonly strRelID?: string
    }[]
    readonly Names?: readonly {
      readonly Name: string
      readonly Ref?: string
      readonly Sheet?: number | null
      readonly Hidden?: boolean
    }[]
    readonly WBProps?: { readonly date1904?: boolean }
    readonly CalcPr?: Readonly<Record<string, unknown>>
  }
  readonly opts?: { readonly CalcMode?: number; readonly CalcIter?: boolean }
}

/** A part handed to the library: it pulls the content when it wants it. */
interface LibraryPart {
  readonly name: string
  readonly type: 2
  readonly content: Uint8Array
}

interface Container {
  readonly FullPaths: readonly string[]
  readonly FileIndex: readonly LibraryPart[]
}

const options = {
  dense: true,
  cellFormula: true,
  cellNF: true,
  cellHTML: false,
  cellText: false,
  cellDates: false,
}

/** Reads a binary workbook (xls), whose cells without value it keeps for their formulas. */
export function readLibraryFile(file: Buffer): LibraryWorkbook {
  return library.read(file, { ...options, type: 'buffer', sheetStubs: true })
}

/** Reads a package from parts that the gate has inflated and judged: the library never unpacks anything itself. */
export function readLibraryPackage(parts: WorkbookParts): LibraryWorkbook {
  const container: Container = {
    FullPaths: parts.names,
    FileIndex: parts.names.map((name) => ({
      name,
      type: 2,
      get content() {
        return parts.bytes(name) ?? Buffer.alloc(0)
      },
    })),
  }
  const { parse_zip: parse } = library as unknown as { parse_zip: (zip: Container, options: object) => LibraryWorkbook }
  return parse(container, { ...options, type: 'buffer', sheetStubs: true })
}

/** What the library knows of a sheet beside its cells; the rest counts as none. */
export function libraryFeatures(sheet: LibrarySheet): SheetFeatures {
  return {
    merges: (sheet['!merges'] ?? []).map(({ s, e }) => ({ top: s.r, left: s.c, bottom: e.r, right: e.c })),
    tables: [],
    pivots: 0,
    charts: 0,
    chartSources: [],
    validations: 0,
    conditionalFormats: 0,
    comments: commentedCells(sheet['!data'] ?? []),
    protected: sheet['!protect'] !== undefined,
    hiddenRows: sheet['!rows']?.filter((row) => row?.hidden === true).length ?? 0,
    hiddenColumns: sheet['!cols']?.filter((column) => column?.hidden === true).length ?? 0,
  }
}

function commentedCells(rows: readonly (readonly (LibraryCell | undefined)[] | undefined)[]): number {
  let count = 0
  for (const row of rows) row?.forEach((cell) => (count += cell?.c === undefined || cell.c.length === 0 ? 0 : 1))
  return count
}

/** Binary formats keep newer functions as hidden names; they are no names of the author. */
const FUNCTION_NAME = /^_xl(?:fn|ws|pm|udf)\b/i

/** Defined names, with the sheet a local one belongs to. */
export function libraryNames(
  book: LibraryWorkbook['Workbook'],
  sheets: readonly { readonly name: string }[],
): readonly DefinedName[] {
  const names = (book?.Names ?? []).filter((name) => !FUNCTION_NAME.test(name.Name))
  return names.map(({ Name, Ref, Sheet, Hidden }) => {
    const sheet = typeof Sheet === 'number' ? sheets[Sheet]?.name : undefined
    const name = { name: Name, formula: Ref ?? '', hidden: Hidden === true }
    return sheet === undefined ? name : { ...name, sheet }
  })
}
