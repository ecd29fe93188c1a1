import type { Sheet } from '../workbook.ts'
import { openDocumentOutline, type TableOutline, withOpenCells } from './open-document-outline.ts'
import { Refusal } from './refusal.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import { libraryFeatures, libraryNames, type LibrarySheet, readLibraryPackage } from './sheetjs-library.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'
import { openingTags } from './xml-scan.ts'

/** Reads an OpenDocument spreadsheet: cells by the library, the rest from the content around them. */
export function readOpenDocument(parts: WorkbookParts): WorkbookContent {
  const content = parts.text('content.xml') ?? ''
  const outlines = openDocumentOutline(content)
  const opened = Buffer.from(withOpenCells(content))
  const {
    SheetNames,
    Sheets,
    Workbook: book,
  } = readLibraryPackage({
    ...parts,
    names: parts.has('styles.xml') ? parts.names : [...parts.names, 'styles.xml'],
    bytes: (name) => (name === 'content.xml' ? opened : parts.bytes(name)),
  })
  const sheets = SheetNames.map((name, index) => tableSheet(name, index, Sheets[name], outlines.get(name)))
  return {
    sheets,
    names: libraryNames(book, sheets),
    externalLinks: [],
    calculation: { mode: 'auto', iterative: iterates(content) },
    date1904: book?.WBProps?.date1904 === true,
    vba: false,
  }
}

function tableSheet(
  name: string,
  index: number,
  from: LibrarySheet | undefined,
  outline: TableOutline | undefined,
): Sheet {
  if (from === undefined) throw new Refusal('UNREADABLE', `The sheet ${name} could not be read.`)
  const features = libraryFeatures(from)
  const cells = convertLibraryRows(from['!data'] ?? [], name)
  return { name, index, kind: 'worksheet', state: 'visible', ...cells, ...features, ...outline }
}

function iterates(content: string): boolean {
  return openingTags(content, 'iteration').some((tag) => tag.includes('status="enable"'))
}
