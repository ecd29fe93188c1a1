import type { Finding } from '../findings/finding.ts'
import { type Claim, isClaimOfModel } from '../phases/claims/claim.ts'
import { bareFormula, claimStatement } from '../phases/claims/claim-statement.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import { markdownSentence } from './markdown-text.ts'

/** What the rules state is of use as a sample; all of it would be the sheet once more. */
const mostByRule: Readonly<Record<Claim['kind'], number>> = { total: 4, formula: 4, value: 4 }

/**
 * The statements about a sheet that hold, worded by rule: all those of a model, and of those by rule some that no finding
 * tells.
 */
export function claimList(
  claims: readonly Claim[],
  findings: readonly Finding[],
  author: SheetReport['author'],
): string {
  const told = claims.filter((claim) => findings.some((finding) => isTold(claim, finding)))
  const shown = author === 'model' ? claims : firstOfEachKind(claims.filter((claim) => !told.includes(claim)))
  if (shown.length === 0) return ''
  const lines = [...new Set(shown.map((claim) => `- ${claimSentence(claim)}`))]
  const more = claims.length - shown.length
  const which = told.length === more ? '' : `${told.length} of them `
  const where = told.length === 0 ? '' : `, ${which}told in the findings above`
  if (more > 0) lines.push(`- and ${more} more${where}.`)
  return `Checked against the cells:\n\n${lines.join('\n')}`
}

function firstOfEachKind(claims: readonly Claim[]): Claim[] {
  return Object.entries(mostByRule).flatMap(([kind, most]) =>
    claims.filter((claim) => claim.kind === kind).slice(0, most),
  )
}

/** Whether a finding shows the formula or the error that a claim states. */
function isTold(claim: Claim, { range, evidence: { formula, found, error } }: Finding): boolean {
  if (claim.kind === 'formula') return claim.formula === formula || claim.formula === found
  return claim.kind === 'value' && claim.value === error && claim.cell === (range ?? '').split(':')[0]
}

function claimSentence(claim: Claim): string {
  if (claim.kind !== 'formula') return markdownSentence(wordingOf(claim))
  return markdownSentence(wordingOf(claim), [claim.formula, `=${bareFormula(claim.formula)}`])
}

// The text of a model is its own: nobody checked what it says around the numbers.
function wordingOf(claim: Claim): string {
  return isClaimOfModel(claim) ? claimStatement(claim) : claim.text
}
