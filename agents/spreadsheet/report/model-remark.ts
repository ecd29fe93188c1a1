import type { Claim } from '../phases/claims/claim.ts'
import { claimStatement, isRestated } from '../phases/claims/claim-statement.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import { markdownText } from './markdown-text.ts'

/** What stands before everything that models wrote. */
export const MODEL_SAYS = 'The model says, unchecked beyond its numbers:'

/** What a model wrote about its sheet, marked as such; nothing where the rules wrote the report. */
export function modelRemark(report: SheetReport | undefined, claims: readonly Claim[]): string {
  if (report?.author !== 'model') return ''
  const texts = claims.filter((claim) => !isRestated(claim.text, claimStatement(claim))).map(({ text }) => text)
  const said = [...new Set([report.summary, ...texts])].filter((text) => text.trim() !== '').map(markdownText)
  if (said.length === 0) return ''
  return said.length === 1
    ? `${MODEL_SAYS} ${said[0]}`
    : `${MODEL_SAYS}\n\n${said.map((text) => `- ${text}`).join('\n')}`
}
