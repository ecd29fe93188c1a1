import type { AuditedWorkbook } from './audited-workbook.ts'
import { detectBrokenReferences } from './broken-reference.detector.ts'
import { detectCachedErrors } from './cached-error.detector.ts'
import { detectCircularReferences } from './circular-reference.detector.ts'
import { detectEmptyReferences } from './empty-reference.detector.ts'
import { compareFindings, type Finding } from './finding.ts'
import { detectFormulaRuns } from './formula-run.detector.ts'
import { detectHardCodedConstants } from './hard-coded-constant.detector.ts'
import { detectManualCalculation } from './manual-calculation.detector.ts'
import { detectNestedTotals } from './nested-total.detector.ts'
import { detectRecalculationMismatches } from './recalculation-mismatch.detector.ts'
import { detectShortRanges } from './short-range.detector.ts'
import { detectTextNumbers } from './text-number.detector.ts'

/** Every detector of the audit, each a pure function from a workbook to its findings. */
const detectors: readonly ((audited: AuditedWorkbook) => Finding[])[] = [
  detectCachedErrors,
  detectBrokenReferences,
  detectCircularReferences,
  detectRecalculationMismatches,
  detectFormulaRuns,
  detectShortRanges,
  detectNestedTotals,
  detectTextNumbers,
  detectManualCalculation,
  detectEmptyReferences,
  detectHardCodedConstants,
]

/** The findings kept, and how many more there were. */
export interface Audit {
  readonly findings: readonly Finding[]
  readonly omitted: number
}

const mostFindings = 1_000

/** Audits a workbook: the gravest findings first, each with an id of its own, at most `limit` of them. */
export function detect(audited: AuditedWorkbook, limit: number = mostFindings): Audit {
  const all = withoutEchoes(detectors.flatMap((detector) => detector(audited))).sort(compareFindings)
  return { findings: withUniqueIds(all.slice(0, limit)), omitted: Math.max(0, all.length - limit) }
}

/** A range that stops short also breaks the run of its neighbours: one fault, told once by the detector that knows more. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const short = new Set(findings.flatMap((one) => (one.kind === 'short-range' ? [`${one.sheet}!${one.range}`] : [])))
  return findings.filter((one) => one.kind !== 'formula-break' || !short.has(`${one.sheet}!${one.range}`))
}

function withUniqueIds(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, number>()
  return findings.map((one) => {
    const times = (seen.get(one.id) ?? 0) + 1
    seen.set(one.id, times)
    return times === 1 ? one : { ...one, id: `${one.id}#${times}` }
  })
}
