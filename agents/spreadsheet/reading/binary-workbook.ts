import type { Sheet } from '../workbook.ts'
import { packageVba, workbookPartName } from './package-format.ts'
import { relationsOf } from './part-relations.ts'
import { Refusal } from './refusal.ts'
import { relatedFeatures } from './sheet-features.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import {
  type LibrarySheet,
  libraryFeatures,
  libraryNames,
  type LibraryWorkbook,
  readLibraryPackage,
} from './sheetjs-library.ts'
import { type SheetEntry, sheetEntries, type WorkbookOutline } from './workbook-outline.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'

/** Reads an xlsb package: its parts are binary, so the library opens them; only the relationships are ours. */
export function readBinaryWorkbook(parts: WorkbookParts): WorkbookContent {
  const main = workbookPartName(parts)
  const library = readLibraryPackage(parts)
  const { sheets, ...outline } = binaryOutline(parts, main, library)
  return {
    ...outline,
    vba: packageVba(parts, main) !== undefined,
    sheets: sheets.map((entry, index) => readSheet(parts, entry, index, library.Sheets[entry.name])),
  }
}

function readSheet(parts: WorkbookParts, entry: SheetEntry, index: number, from: LibrarySheet | undefined): Sheet {
  const { name, kind, state, part } = entry
  if (from === undefined && kind === 'worksheet')
    throw new Refusal('UNREADABLE', `The sheet ${name} could not be read.`)
  const features = libraryFeatures(from ?? {})
  const related = relatedFeatures(parts, part)
  const cells = kind === 'chartsheet' ? { rows: [], used: null } : convertLibraryRows(from?.['!data'] ?? [], name)
  return { name, index, kind, state, ...cells, ...features, ...related, comments: features.comments }
}

const STATES = ['visible', 'hidden', 'veryHidden'] as const

/** A binary workbook part is opened by the library alone. */
function binaryOutline(parts: WorkbookParts, main: string, { Workbook: book }: LibraryWorkbook): WorkbookOutline {
  const sheets = sheetEntries(
    parts,
    main,
    (book?.Sheets ?? []).map((sheet) => ({
      attributes: {
        name: sheet.name ?? '',
        id: sheet.strRelID ?? sheet.id ?? '',
        state: STATES[sheet.Hidden ?? 0],
      },
    })),
  )
  return {
    sheets,
    names: libraryNames(book, sheets),
    externalLinks: relationsOf(parts, main)
      .filter((relation) => relation.kind === 'externalLink')
      .map((relation) => relationsOf(parts, relation.target)[0]?.target ?? ''),
    calculation: { mode: 'auto', iterative: false },
    date1904: book?.WBProps?.date1904 === true,
  }
}
