import type { Sheet } from '../workbook.ts'
import { Refusal } from './refusal.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import { libraryNames, libraryRanges, type LibrarySheet, readLibraryFile } from './sheetjs-library.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'

const STATES = ['visible', 'hidden', 'veryHidden'] as const

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
  const kind = from['!type'] === 'chart' ? 'chartsheet' : from['!type'] === 'macro' ? 'macrosheet' : 'worksheet'
  const data = from['!data'] ?? []
  const comments = data.reduce((sum, row) => sum + row.reduce((n, cell) => n + (cell?.c?.length ? 1 : 0), 0), 0)
  return {
    name,
    index,
    kind: from['!type'] === 'dialog' ? 'dialogsheet' : kind,
    state,
    ...(kind === 'chartsheet' ? { rows: [], used: null } : convertLibraryRows(data, name)),
    merges: libraryRanges(from),
    tables: [],
    pivots: 0,
    charts: kind === 'chartsheet' ? 1 : 0,
    validations: 0,
    conditionalFormats: 0,
    comments,
    protected: from['!protect'] !== undefined,
    hiddenRows: from['!rows']?.filter((row) => row?.hidden === true).length ?? 0,
    hiddenColumns: from['!cols']?.filter((column) => column?.hidden === true).length ?? 0,
  }
}
