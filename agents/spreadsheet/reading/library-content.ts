import { readBinaryWorkbook } from './binary-workbook.ts'
import type { IntegrityReport } from './integrity.ts'
import { readLegacyWorkbook } from './legacy-workbook.ts'
import { readOpenDocument } from './open-document.ts'
import { openParts } from './opened-parts.ts'
import type { WorkbookContent } from './workbook-reader.ts'

/** Reads a file of one of the formats that only the library knows. */
export function libraryContent(file: Buffer, integrity: IntegrityReport): WorkbookContent {
  const { metered } = openParts(file, integrity)
  if (integrity.format === 'xlsb') return readBinaryWorkbook(metered)
  return integrity.format === 'ods' ? readOpenDocument(metered) : readLegacyWorkbook(file, metered)
}
