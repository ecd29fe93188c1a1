import type { Workbook } from '../workbook.ts'
import { type ArchiveLimits, defaultArchiveLimits } from './archive-limits.ts'
import { readBinaryWorkbook } from './binary-workbook.ts'
import { openCompoundFile } from './compound-file.ts'
import { readDelimitedText } from './delimited-text.ts'
import type { IntegrityReport } from './integrity.ts'
import { readLegacyWorkbook } from './legacy-workbook.ts'
import { readOfficeWorkbook } from './office-workbook.ts'
import { readOpenDocument } from './open-document.ts'
import { type BlockReason, Refusal } from './refusal.ts'
import { archiveParts, compoundParts, meteredParts, noParts, type WorkbookParts } from './workbook-parts.ts'
import { openZipArchive } from './zip-archive.ts'

/** A workbook and its raw parts, or why there is none. */
export type ReadResult =
  | { readonly blocked: null; readonly workbook: Workbook; readonly parts: WorkbookParts }
  | { readonly blocked: BlockReason; readonly workbook: null; readonly parts: null }

/** What a format's reader fills in; the identity of the file is the same for all. */
export type WorkbookContent = Omit<Workbook, 'sha256' | 'format'>

/** Relationships are read more than once; they are small. */
const SMALL_PARTS = 64 * 1024 * 1024

/** Reads the cells and the structure of a file that passed the gate. Never throws on any bytes. */
export function readWorkbook(bytes: Uint8Array, integrity: IntegrityReport): ReadResult {
  const { blocked, format, sha256 } = integrity
  if (blocked !== null) return refused(blocked)
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const parts = openParts(file, integrity)
    const metered = meteredParts(parts, 4 * integrity.uncompressed + SMALL_PARTS)
    return {
      blocked: null,
      workbook: { sha256, format: format ?? 'csv', ...readContent(file, integrity, metered) },
      parts,
    }
  } catch (error) {
    if (error instanceof Refusal) return refused(error.block)
    const detail = error instanceof Error ? error.message : String(error)
    return refused(new Refusal('UNREADABLE', `The workbook could not be read: ${detail}.`).block)
  }
}

function openParts(file: Buffer, { format, entries, uncompressed }: IntegrityReport): WorkbookParts {
  if (format === 'csv') return noParts
  if (format === 'xls') return entries === 0 ? noParts : compoundParts(openCompoundFile(file))
  const limits: ArchiveLimits = { ...defaultArchiveLimits, entries: file.length, partBytes: uncompressed }
  return archiveParts(openZipArchive(file, limits))
}

function readContent(file: Buffer, { format }: IntegrityReport, parts: WorkbookParts): WorkbookContent {
  switch (format) {
    case 'xlsx':
    case 'xlsm':
      return readOfficeWorkbook(parts)
    case 'xlsb':
      return readBinaryWorkbook(parts)
    case 'ods':
      return readOpenDocument(parts)
    case 'xls':
      return readLegacyWorkbook(file, parts)
    default:
      return readDelimitedText(file)
  }
}

function refused(blocked: BlockReason): ReadResult {
  return { blocked, workbook: null, parts: null }
}
