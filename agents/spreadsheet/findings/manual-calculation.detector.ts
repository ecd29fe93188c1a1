import type { AuditedWorkbook } from './audited-workbook.ts'
import { type Finding, finding } from './finding.ts'

/** Notes a workbook that does not recalculate by itself, so that what it shows can be stale. */
export function detectManualCalculation({ workbook, index, recalculation }: AuditedWorkbook): Finding[] {
  if (workbook.calculation.mode !== 'manual' || index.count === 0) return []
  const stale = recalculation.mismatches.length
  return [
    finding({
      kind: 'manual-calculation',
      severity: stale > 0 ? 'high' : 'medium',
      sheet: null,
      range: null,
      message: `Calculation is set to manual: what the cells show can be older than their inputs.${stale > 0 ? ` ${stale} cells are.` : ''}`,
      evidence: { mode: workbook.calculation.mode, formulas: index.count, stale },
    }),
  ]
}
