import type { Workbook } from '../workbook.ts'
import { readDelimitedText } from './delimited-text.ts'
import type { IntegrityReport } from './integrity.ts'
import { isolatedContent } from './isolated-content.ts'
import { readOfficeWorkbook } from './office-workbook.ts'
import { openParts } from './opened-parts.ts'
import { type BlockReason, unreadable } from './refusal.ts'
import type { WorkbookParts } from './workbook-parts.ts'

/** A workbook and its raw parts, or why there is none. */
export type ReadResult =
  | { readonly blocked: null; readonly workbook: Workbook; readonly parts: WorkbookParts }
  | { readonly blocked: BlockReason; readonly workbook: null; readonly parts: null }

/** What a format's reader fills in; the identity of the file is the same for all. */
export type WorkbookContent = Omit<Workbook, 'sha256' | 'format'>

/** Reads the cells and the structure of a file that passed the gate. Never throws on any bytes. */
export function readWorkbook(bytes: Uint8Array, integrity: IntegrityReport): ReadResult {
  const { blocked, format, sha256 } = integrity
  if (blocked !== null) return refused(blocked)
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const { parts, metered } = openParts(file, integrity)
    const workbook = { sha256, format: format ?? 'csv', ...wellNamed(readContent(file, integrity, metered)) }
    return { blocked: null, workbook, parts }
  } catch (error) {
    return refused(unreadable(error))
  }
}

function readContent(file: Buffer, integrity: IntegrityReport, parts: WorkbookParts): WorkbookContent {
  switch (integrity.format) {
    case 'xlsx':
    case 'xlsm':
      return readOfficeWorkbook(parts)
    case 'xlsb':
    case 'xls':
    case 'ods':
      return isolatedContent(file, integrity)
    default:
      return readDelimitedText(file)
  }
}

/** Half a character in a name would break whatever the name becomes part of: an address, a report. */
function wellNamed(content: WorkbookContent): WorkbookContent {
  if (content.sheets.every((sheet) => sheet.name.isWellFormed())) return content
  return {
    ...content,
    sheets: content.sheets.map((sheet) => ({ ...sheet, name: sheet.name.toWellFormed() })),
    names: content.names.map((name) =>
      name.sheet === undefined ? name : { ...name, sheet: name.sheet.toWellFormed() },
    ),
  }
}

function refused(blocked: BlockReason): ReadResult {
  return { blocked, workbook: null, parts: null }
}
