import type { WorkbookFormat } from '../workbook.ts'
import type { BlockReason } from './refusal.ts'

/** How much a file's container lets one trust it, from 1 (not at all) to 5, and why. A note, never a gate. */
export interface TrustTier {
  readonly tier: 1 | 2 | 3 | 4 | 5
  readonly note: string
}

const CODE = /vbaproject|_vba_project|activex|macrosheets?\//i
const OUTWARD = /externallinks?\/|connections\.(?:xml|bin)|querytables?\/|embeddings?\/|^object\b|customui/i

/** Judges by the names of the parts alone, before any of them is parsed. */
export function trustOf(
  format: WorkbookFormat | null,
  names: readonly string[],
  blocked: BlockReason | null,
): TrustTier {
  if (blocked !== null || format === null) return { tier: 1, note: 'The file was refused.' }
  const code = names.find((name) => CODE.test(name))
  if (code !== undefined) return { tier: 2, note: `The file carries code (${code}).` }
  const outward = names.find((name) => OUTWARD.test(name))
  if (outward !== undefined) return { tier: 3, note: `The file reaches beyond itself (${outward}).` }
  if (format === 'xls' || format === 'xlsb')
    return { tier: 3, note: 'A binary format: its parts are not open to review.' }
  if (format === 'csv') return { tier: 4, note: 'Plain text: nothing can run, and nothing says what the columns are.' }
  return { tier: 5, note: 'An open package without code, links or embedded files.' }
}
