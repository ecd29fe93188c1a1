import { Refusal } from './refusal.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import { libraryNames, libraryRanges, readLibraryPackage } from './sheetjs-library.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'

/** Reads an OpenDocument spreadsheet. */
export function readOpenDocument(parts: WorkbookParts): WorkbookContent {
  const container = parts.names.map((name) => ({
    name,
    type: 2 as const,
    get content() {
      return parts.bytes(name) ?? Buffer.alloc(0)
    },
  }))
  const { SheetNames, Sheets, Workbook: book } = readLibraryPackage(container, false)
  return {
    sheets: SheetNames.map((name, index) => {
      const from = Sheets[name]
      if (from === undefined) throw new Refusal('UNREADABLE', `The sheet ${name} could not be read.`)
      return {
        name,
        index,
        kind: 'worksheet',
        state: 'visible',
        ...convertLibraryRows(from['!data'] ?? [], name),
        merges: libraryRanges(from),
        tables: [],
        pivots: 0,
        charts: 0,
        validations: 0,
        conditionalFormats: 0,
        comments: 0,
        protected: false,
        hiddenRows: 0,
        hiddenColumns: 0,
      }
    }),
    names: libraryNames(
      book,
      SheetNames.map((name) => ({ name })),
    ),
    externalLinks: [],
    calculation: { mode: 'auto', iterative: false },
    date1904: book?.WBProps?.date1904 === true,
    vba: false,
  }
}
