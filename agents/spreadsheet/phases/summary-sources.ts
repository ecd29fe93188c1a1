import { severities } from '../findings/finding.ts'
import { type Claim, isClaimOfModel } from './claims/claim.ts'
import { claimStatement } from './claims/claim-statement.ts'
import { statedNumbers } from './claims/claim-text.ts'
import type { SentenceSource } from './claims/sentence.ts'
import { workbookGround } from './text-ground.ts'
import type { WorkbookFacts } from './workbook-facts.ts'

const most = { findings: 30, claims: 60 }

/**
 * All that an executive summary may rest on, what weighs most first: the counts of the workbook, the gravest findings, the
 * statements that hold. Each has an id to be named by.
 */
export function summarySources(facts: WorkbookFacts, accepted: readonly Claim[]): SentenceSource[] {
  const { totals, findings } = facts
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [{ text: `${count} ${severity}`, count }]
  })
  const hidden = facts.sheets.filter((sheet) => sheet.state !== 'visible').length
  const sources: SentenceSource[] = [
    {
      id: 'w1',
      says: `The workbook has ${totals.sheets} sheets (${hidden} hidden), ${totals.cells} cells and ${totals.formulas} formulas, ${totals.uniqueFormulas} of them distinct.`,
      numbers: [totals.sheets, hidden, totals.cells, totals.formulas, totals.uniqueFormulas],
      cells: [],
    },
    {
      id: 'w2',
      says: `${totals.errors} cells show errors; there are ${totals.circular} circular references, ${totals.volatile} volatile formulas, ${totals.externalLinks} links to other workbooks and ${totals.crossSheetReferences} references across sheets.`,
      numbers: [totals.errors, totals.circular, totals.volatile, totals.externalLinks, totals.crossSheetReferences],
      cells: [],
    },
    {
      id: 'w3',
      says: `The audit has ${findings.length} findings: ${counts.map(({ text }) => text).join(', ') || 'none'}.`,
      numbers: [findings.length, ...counts.map(({ count }) => count)],
      cells: [],
    },
  ]
  const ground = workbookGround(facts)
  const grave = severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
  for (const [at, { sheet, range, severity, message }] of grave.slice(0, most.findings).entries()) {
    const where = sheet === null ? [] : [range === null ? sheet : `${sheet}!${range}`]
    const numbers = statedNumbers(message, ground).flatMap(({ value }) => (Number.isNaN(value) ? [] : [value]))
    sources.push({
      id: `f${at + 1}`,
      says: `${severity}, ${where[0] ?? 'the workbook'}: ${message}`,
      numbers,
      cells: where,
    })
  }
  for (const [at, claim] of accepted.slice(0, most.claims).entries()) {
    const place = `${claim.sheet}!${claim.kind === 'total' ? (claim.cell ?? claim.range) : claim.cell}`
    // What a model said around its numbers was not checked: no summary is to rest on it.
    const says = isClaimOfModel(claim) ? claimStatement(claim) : claim.text
    sources.push({ id: `c${at + 1}`, says: `${place}: ${says}`, numbers: numbersOf(claim), cells: [place] })
  }
  return sources
}

/** The numbers that a statement about cells gives. */
export function numbersOf(claim: Claim): readonly number[] {
  return 'value' in claim && typeof claim.value === 'number' ? [claim.value] : []
}
