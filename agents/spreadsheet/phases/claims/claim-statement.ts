import { shortText } from '../../findings/formula-place.ts'
import type { Claim } from './claim.ts'
import { quoteText } from './claim-text.ts'

/** What was checked of a claim, in words of the rules: its cell or range with the value or formula, and nothing else. */
export function claimStatement(claim: Claim): string {
  if (claim.kind === 'formula') return `${claim.cell} computes =${bareFormula(claim.formula)}.`
  if (claim.kind === 'value') return `${claim.cell} ${holding(claim.value)}.`
  const place = claim.cell === null ? '' : ` in ${claim.cell}`
  return `${claim.function} of ${claim.range}${place} is ${claim.value}.`
}

/** Whether a text says no more than the statement: every word of it stands there, too. */
export function isRestated(text: string, statement: string): boolean {
  const known = new Set([...wordsOf(statement), 'the', 'a', 'is', 'holds', 'shows', 'computes', 'total'])
  return wordsOf(text).every((word) => known.has(word))
}

/** A formula without its `=` and the braces of an array. */
export function bareFormula(formula: string): string {
  return formula.replace(/^\s*\{(=[\s\S]*)\}\s*$/, '$1').replace(/^\s*=/, '')
}

function holding(value: (Claim & { readonly kind: 'value' })['value']): string {
  if (value === null) return 'is empty'
  return `holds ${typeof value === 'number' ? String(value) : typeof value === 'string' ? quoteText(shortText(value, 200)) : String(value)}`
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}.]*[\p{L}\p{N}]/gu) ?? []
}
