import { type ArchiveLimits, defaultArchiveLimits } from './archive-limits.ts'
import { openCompoundFile } from './compound-file.ts'
import type { IntegrityReport } from './integrity.ts'
import { archiveParts, compoundParts, meteredParts, noParts, type WorkbookParts } from './workbook-parts.ts'
import { openZipArchive } from './zip-archive.ts'

/** Relationships are read more than once; they are small. */
const SMALL_PARTS = 64 * 1024 * 1024

/** The parts of a file that passed the gate: for whoever asks later, and with a budget for the one who reads it now. */
export function openParts(
  file: Buffer,
  integrity: IntegrityReport,
): { readonly parts: WorkbookParts; readonly metered: WorkbookParts } {
  const parts = containerParts(file, integrity)
  return { parts, metered: meteredParts(parts, 4 * integrity.uncompressed + SMALL_PARTS) }
}

function containerParts(file: Buffer, { format, entries, uncompressed }: IntegrityReport): WorkbookParts {
  if (format === 'csv') return noParts
  if (format === 'xls') return entries === 0 ? noParts : compoundParts(openCompoundFile(file))
  const limits: ArchiveLimits = { ...defaultArchiveLimits, entries: file.length, partBytes: uncompressed }
  return archiveParts(openZipArchive(file, limits))
}
