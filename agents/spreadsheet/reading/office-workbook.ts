import type { Sheet } from '../workbook.ts'
import { packageVba, workbookPartName } from './package-format.ts'
import { relationsOf } from './part-relations.ts'
import { Refusal } from './refusal.ts'
import { readSharedStrings } from './shared-strings.ts'
import { type CellContext, scanSheetCells } from './sheet-cell-scanner.ts'
import { relatedFeatures, scannedFeatures } from './sheet-features.ts'
import { readStyleFormats } from './style-formats.ts'
import { readWorkbookOutline, type SheetEntry } from './workbook-outline.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'
import { rootName, sheetSections } from './xml-scan.ts'

/** Reads an OOXML package: cells in one pass over each sheet's text, the rest from the parts around it. */
export function readOfficeWorkbook(parts: WorkbookParts): WorkbookContent {
  const main = workbookPartName(parts)
  const { sheets, ...outline } = readWorkbookOutline(parts, main)
  const context: CellContext = {
    strings: readSharedStrings(relatedText(parts, main, 'sharedStrings')),
    formats: readStyleFormats(relatedText(parts, main, 'styles')),
    date1904: outline.date1904,
  }
  return {
    ...outline,
    vba: packageVba(parts, main) !== undefined,
    sheets: sheets.map((entry, index) => readSheet(parts, entry, index, context)),
  }
}

const sheetRoots = new Set(['worksheet', 'chartsheet', 'dialogsheet', 'macrosheet'])

function readSheet(
  parts: WorkbookParts,
  { name, kind, state, part }: SheetEntry,
  index: number,
  context: CellContext,
): Sheet {
  const xml = parts.text(part) ?? ''
  if (!sheetRoots.has(rootName(xml)))
    throw new Refusal('BAD_PACKAGE', `The part ${part} of the sheet ${name} is no sheet.`)
  const sections = sheetSections(xml)
  return {
    name,
    index,
    kind,
    state,
    ...scanSheetCells(sections, context),
    ...scannedFeatures(sections),
    ...relatedFeatures(parts, part),
  }
}

function relatedText(parts: WorkbookParts, main: string, kind: string): string {
  const target = relationsOf(parts, main).find((relation) => relation.kind === kind)?.target
  return target === undefined ? '' : (parts.text(target) ?? '')
}
