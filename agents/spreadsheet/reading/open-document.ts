import { Refusal } from './refusal.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import { libraryFeatures, libraryNames, readLibraryPackage } from './sheetjs-library.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'

/** Reads an OpenDocument spreadsheet. */
export function readOpenDocument(parts: WorkbookParts): WorkbookContent {
  const { SheetNames, Sheets, Workbook: book } = readLibraryPackage(parts, false)
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
        ...libraryFeatures(from),
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
