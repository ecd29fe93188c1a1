import type { Sheet } from '../workbook.ts'
import { Refusal } from './refusal.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import { libraryFeatures, libraryNames, type LibrarySheet, readLibraryFile } from './sheetjs-library.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'

const STATES = ['visible', 'hidden', 'veryHidden'] as const
const KINDS: Readonly<Record<string, Sheet['kind']>> = {
  chart: 'chartsheet',
  macro: 'macrosheet',
  dialog: 'dialogsheet',
}

/** Reads an xls workbook. What the library does not report of it is counted as none. */
export function readLegacyWorkbook(file: Buffer, parts: WorkbookParts): WorkbookContent {
  const { SheetNames, Sheets, Workbook: book, opts } = readLibraryFile(file)
  const names = SheetNames.map((name) => ({ name }))
  return {
    sheets: SheetNames.map((name, index) =>
      legacySheet(Sheets[name], name, index, STATES[book?.Sheets?.[index]?.Hidden ?? 0] ?? 'visible'),
    ),
    names: libraryNames(book, names),
    externalLinks: [],
    calculation: {
      mode:
        opts?.CalcMode === 0 ? 'manual' : opts?.CalcMode === 1 || opts?.CalcMode === undefined ? 'auto' : 'autoNoTable',
      iterative: opts?.CalcIter === true,
    },
    date1904: book?.WBProps?.date1904 === true,
    vba: parts.names.some((name) => /_VBA_PROJECT_CUR\//i.test(name)),
  }
}

function legacySheet(from: LibrarySheet | undefined, name: string, index: number, state: Sheet['state']): Sheet {
  if (from === undefined) throw new Refusal('UNREADABLE', `The sheet ${name} could not be read.`)
  const kind = KINDS[from['!type'] ?? ''] ?? 'worksheet'
  const features = libraryFeatures(from)
  if (kind === 'chartsheet') return { name, index, kind, state, rows: [], used: null, ...features, charts: 1 }
  return { name, index, kind, state, ...convertLibraryRows(from['!data'] ?? [], name), ...features }
}
