import type { AnalysisResult } from '../../../agents/spreadsheet/report/analysis-result.ts'

/** A result without what differs from run to run: ids and times. */
export function normalForm(json: string): AnalysisResult {
  const result = JSON.parse(json) as AnalysisResult
  return { ...result, runId: '', steps: result.steps.map((step) => ({ ...step, startedAt: null, endedAt: null })) }
}
