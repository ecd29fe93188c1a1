import type { Sheet } from '../workbook.ts'
import { packageVba, workbookPartName } from './package-format.ts'
import { relationsOf, relationsPart } from './part-relations.ts'
import { Refusal } from './refusal.ts'
import { relatedFeatures, scannedFeatures } from './sheet-features.ts'
import { convertLibraryRows } from './sheetjs-cells.ts'
import {
  type LibraryPart,
  type LibrarySheet,
  libraryNames,
  libraryRanges,
  type LibraryWorkbook,
  readLibraryPackage,
} from './sheetjs-library.ts'
import { readWorkbookOutline, type SheetEntry, sheetEntries, type WorkbookOutline } from './workbook-outline.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'
import { sheetSections } from './xml-scan.ts'

/** Reads an OOXML package: cells by the library, everything else from the parts. */
export function readOfficeWorkbook(parts: WorkbookParts, binary: boolean): WorkbookContent {
  const main = workbookPartName(parts)
  const known = binary ? null : readWorkbookOutline(parts, main)
  const library = readLibraryPackage(libraryParts(parts, main, known), true)
  const outline = known ?? binaryOutline(parts, main, library)
  return {
    names: outline.names,
    externalLinks: outline.externalLinks,
    calculation: outline.calculation,
    date1904: outline.date1904,
    vba: packageVba(parts, main) !== undefined,
    sheets: outline.sheets.map((entry, index) => readSheet(parts, entry, index, library.Sheets[entry.name])),
  }
}

function readSheet(parts: WorkbookParts, entry: SheetEntry, index: number, from: LibrarySheet | undefined): Sheet {
  const { name, kind, state, part } = entry
  if (part === undefined) throw new Refusal('BAD_PACKAGE', `The sheet ${name} has no part.`)
  const data = from?.['!data']
  if (data === undefined && kind === 'worksheet')
    throw new Refusal('UNREADABLE', `The sheet ${name} could not be read.`)
  const cells = kind === 'chartsheet' ? { rows: [], used: null } : convertLibraryRows(data ?? [], name)
  const related = relatedFeatures(parts, part)
  const scanned = /\.bin$/i.test(part)
    ? librarySheetFeatures(from ?? {})
    : scannedFeatures(sheetSections(parts.text(part) ?? ''))
  return { name, index, kind, state, ...cells, ...related, ...scanned }
}

function librarySheetFeatures(from: LibrarySheet): ReturnType<typeof scannedFeatures> {
  return {
    merges: libraryRanges(from),
    validations: 0,
    conditionalFormats: 0,
    protected: from['!protect'] !== undefined,
    hiddenRows: from['!rows']?.filter((row) => row?.hidden === true).length ?? 0,
    hiddenColumns: from['!cols']?.filter((column) => column?.hidden === true).length ?? 0,
  }
}

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const MACRO_SHEET = 'http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet'

/**
 * The parts as the library wants them: XML in UTF-8, content pulled when it is needed. The workbook's relationships are
 * written anew, because it reads neither prefixed nor strict nor all absolute ones.
 */
function libraryParts(parts: WorkbookParts, main: string, outline: WorkbookOutline | null): readonly LibraryPart[] {
  const relations = relationsPart(main).toLowerCase()
  return parts.names.map(
    (name): LibraryPart => ({
      name,
      type: 2,
      get content() {
        if (outline !== null && name.toLowerCase() === relations) return Buffer.from(plainRelations(parts, main))
        const bytes = parts.bytes(name) ?? Buffer.alloc(0)
        return bytes.includes(0) && !/\.bin$/i.test(name) ? Buffer.from(parts.text(name) ?? '') : bytes
      },
    }),
  )
}

function plainRelations(parts: WorkbookParts, main: string): string {
  const rows = relationsOf(parts, main).map(({ id, kind, target }) => {
    const type = /macrosheet$/i.test(kind) ? MACRO_SHEET : `${RELATIONS}/${kind}`
    return `<Relationship Id="${escapeXml(id)}" Type="${escapeXml(type)}" Target="${escapeXml(target)}"/>`
  })
  return `<Relationships>${rows.join('')}</Relationships>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
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
