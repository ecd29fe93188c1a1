import type { SheetContent } from '../content/content-profile.ts'
import type { Finding } from '../findings/finding.ts'
import type { SheetEdge } from '../formulas/sheet-edges.ts'
import type { WorkbookFormat } from '../workbook.ts'
import type { SheetDigest } from './sheet-digest.ts'
import type { SheetFacts } from './sheet-facts.ts'

/** A reference to another workbook, with the cells that hold it. */
export interface ExternalLink {
  /** The target of the link, or the way formulas write it. */
  readonly target: string
  readonly references: number
  readonly examples: readonly { readonly sheet: string; readonly cell: string }[]
}

/** A defined name and how formulas use it. */
export interface NameFacts {
  readonly name: string
  readonly formula: string
  readonly sheet: string | null
  readonly hidden: boolean
  readonly broken: boolean
  /** How many formulas use it on each sheet. */
  readonly uses: readonly { readonly sheet: string; readonly formulas: number }[]
  /** The sheets it points at. */
  readonly targets: readonly string[]
}

/** What the formulas of the workbook are like, beyond the totals. */
export interface FormulaFacts {
  readonly unparseable: readonly { readonly sheet: string; readonly cell: string; readonly problem: string }[]
  readonly unparseableCount: number
  readonly functions: readonly { readonly name: string; readonly cells: number }[]
  /** What was too much to be analysed in full, as sentences for the report. */
  readonly limits: readonly string[]
  /** One longest chain, from the first cell to the last, shortened in the middle. */
  readonly chain: readonly string[]
  readonly recalculation: {
    readonly checked: number
    readonly agreed: number
    readonly mismatches: number
    readonly unsupported: readonly { readonly reason: string; readonly count: number }[]
  }
}

/** The counts of a whole workbook. */
export interface WorkbookTotals {
  readonly sheets: number
  /** Cells with a value or a formula. */
  readonly cells: number
  readonly formulas: number
  readonly uniqueFormulas: number
  readonly errors: number
  readonly definedNames: number
  readonly externalLinks: number
  readonly volatile: number
  readonly crossSheetReferences: number
  /** Circles of references, each counted once. */
  readonly circular: number
  readonly longestChain: number
}

/** All that the deterministic analysis finds out: plain data, bounded in size. */
export interface WorkbookFacts {
  readonly sha256: string
  readonly format: WorkbookFormat
  readonly size: number
  readonly trustTier: { readonly tier: number; readonly note: string }
  readonly vba: boolean
  readonly date1904: boolean
  readonly calculation: { readonly mode: string; readonly iterative: boolean }
  readonly totals: WorkbookTotals
  readonly sheets: readonly SheetFacts[]
  readonly formulas: FormulaFacts
  readonly names: readonly NameFacts[]
  readonly omittedNames: number
  readonly edges: readonly SheetEdge[]
  /** References from the charts on one sheet to the cells of another. */
  readonly chartEdges: readonly SheetEdge[]
  readonly externals: readonly ExternalLink[]
  readonly content: readonly SheetContent[]
  readonly findings: readonly Finding[]
  readonly omittedFindings: number
  readonly digests: readonly SheetDigest[]
}
