import * as library from '@e965/xlsx'
import type { CellRange, DefinedName } from '../workbook.ts'
import type { LibraryCell } from './sheetjs-cells.ts'

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
export interface LibraryPart {
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
export function readLibraryPackage(parts: readonly LibraryPart[], stubs: boolean): LibraryWorkbook {
  const container: Container = { FullPaths: parts.map((part) => part.name), FileIndex: parts }
  const { parse_zip: parse } = library as unknown as { parse_zip: (zip: Container, options: object) => LibraryWorkbook }
  return parse(container, { ...options, type: 'buffer', sheetStubs: stubs })
}

/** A merge or a hidden span in our terms. */
export function libraryRanges(sheet: LibrarySheet): readonly CellRange[] {
  return (sheet['!merges'] ?? []).map(({ s, e }) => ({ top: s.r, left: s.c, bottom: e.r, right: e.c }))
}

/** Defined names, with the sheet a local one belongs to. */
export function libraryNames(
  book: LibraryWorkbook['Workbook'],
  sheets: readonly { readonly name: string }[],
): readonly DefinedName[] {
  return (book?.Names ?? []).map(({ Name, Ref, Sheet, Hidden }) => {
    const sheet = typeof Sheet === 'number' ? sheets[Sheet]?.name : undefined
    const name = { name: Name, formula: Ref ?? '', hidden: Hidden === true }
    return sheet === undefined ? name : { ...name, sheet }
  })
}
