import { severities } from '../findings/finding.ts'
import type { Claim } from './claims/claim.ts'
import { statedNumbers, statesNumber } from './claims/claim-text.ts'
import type { WorkbookFacts } from './workbook-facts.ts'

/** Keeps the sentences of a summary whose numbers are all known from the facts or from claims that held. */
export function checkSummary(summary: string, facts: WorkbookFacts, accepted: readonly Claim[]): string {
  const known = knownNumbers(facts, accepted)
  return summary
    .split(/\n{2,}/)
    .map((paragraph) =>
      sentencesOf(paragraph)
        .filter((sentence) => isKnown(sentence, known))
        .join(' ')
        .trim(),
    )
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
    .slice(0, 6000)
}

function sentencesOf(paragraph: string): string[] {
  return paragraph.split(/(?<=[.!?])\s+(?=\S)/)
}

function isKnown(sentence: string, known: readonly number[]): boolean {
  return statedNumbers(sentence).every((number) =>
    known.some((actual) => statesNumber(number, actual) || statesNumber({ ...number, value: -number.value }, actual)),
  )
}

function knownNumbers(facts: WorkbookFacts, accepted: readonly Claim[]): number[] {
  const perSheet = facts.sheets.flatMap((sheet) => [sheet.cells, sheet.formulas, sheet.uniqueFormulas, sheet.errors])
  const hidden = facts.sheets.filter((sheet) => sheet.state !== 'visible').length
  const bySeverity = severities.map((severity) => facts.findings.filter((one) => one.severity === severity).length)
  const claims = accepted.flatMap((claim) => ('value' in claim && typeof claim.value === 'number' ? [claim.value] : []))
  const edges = [...facts.edges, ...facts.chartEdges].map((edge) => edge.references)
  return [
    ...Object.values(facts.totals),
    ...perSheet,
    hidden,
    facts.findings.length,
    ...bySeverity,
    ...edges,
    ...claims,
  ]
}
