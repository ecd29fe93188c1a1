import { severities } from '../findings/finding.ts'
import { shownNumber } from '../findings/formula-place.ts'
import type { Claim } from './claims/claim.ts'
import { quoteText } from './claims/claim-text.ts'
import type { SheetDigest } from './sheet-digest.ts'
import type { SheetReport } from './sheet-report.ts'
import { noWork } from './work-usage.ts'

const most = { totals: 10, formulas: 6, errors: 6 }

/**
 * Writes the report of one sheet by rule, from its digest alone: what a sheet agent hands back when there is no model,
 * or, with a `reason`, when its model could not.
 */
export function analyzeSheet(digest: SheetDigest, reason: string | null = null): SheetReport {
  return {
    sheet: digest.facts.name,
    author: 'rules',
    model: null,
    status: reason === null ? 'completed' : 'degraded',
    reason,
    overBudget: false,
    refused: false,
    summary: summaryOf(digest),
    findings: digest.findings.map((finding) => finding.id),
    claims: claimsOf(digest),
    usage: noWork,
  }
}

function summaryOf(digest: SheetDigest): string {
  return [sizeSentence(digest), tableSentence(digest), linkSentence(digest), findingSentence(digest)]
    .filter((sentence) => sentence !== '')
    .join(' ')
    .slice(0, 4000)
}

function sizeSentence({ facts }: SheetDigest): string {
  if (facts.kind === 'chartsheet') return 'The sheet is a chart.'
  if (facts.cells === 0) return 'The sheet is empty.'
  const state = facts.state === 'visible' ? '' : facts.state === 'hidden' ? 'hidden ' : 'very hidden '
  const formulas =
    facts.formulas === 0
      ? 'none of them formulas'
      : `${facts.formulas} of them formulas (${facts.uniqueFormulas} distinct)`
  const errors =
    facts.errors === 0 ? '' : ` ${facts.errors} ${facts.errors === 1 ? 'cell shows' : 'cells show'} an error.`
  return `The ${state}sheet has ${counted(facts.cells, 'cell')} in ${facts.used}, ${formulas}.${errors}`
}

function tableSentence({ tables, omitted }: SheetDigest): string {
  const [largest] = tables
  if (largest === undefined) return ''
  const headers = largest.columns.map((column) => column.header).filter((header) => header !== '')
  const more = headers.length > 6 ? [`${headers.length - 6} more`] : []
  const columns = headers.length === 0 ? '' : `: ${[...headers.slice(0, 6).map(quoteText), ...more].join(', ')}`
  const total = tables.length + omitted.tables
  const lead = total === 1 ? 'Its table' : `It holds ${total} tables; the longest`
  return `${lead} is ${largest.range} with ${counted(largest.rows, 'row')}${columns}.`
}

function linkSentence({ reads, readBy, facts }: SheetDigest): string {
  const parts = [
    reads.length > 0 ? `reads ${listed(reads.map((link) => link.sheet))}` : '',
    readBy.length > 0 ? `is read by ${listed(readBy.map((link) => link.sheet))}` : '',
    facts.external ? 'refers to other workbooks' : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `It ${listed(parts)}.`
}

/** `a, b and c`, at most six of them. */
function listed(words: readonly string[]): string {
  const shown = words.length > 6 ? [...words.slice(0, 5), `${words.length - 5} more`] : words
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

function findingSentence({ findings, omitted }: SheetDigest): string {
  if (findings.length === 0) return 'The audit found nothing on it.'
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  const more = omitted.findings === 0 ? '' : ` and ${omitted.findings} more`
  return `The audit found ${counts.join(', ')}${more}.`
}

function claimsOf({ facts: { name: sheet }, totals, formulas, errors }: SheetDigest): Claim[] {
  const claims: Claim[] = []
  const id = () => `${sheet.slice(0, 60)}#${claims.length + 1}`
  for (const { label, cell, function: name, range, value } of totals.slice(0, most.totals)) {
    const lead = label === '' ? '' : `${quoteText(label)}: `
    const text = `${lead}${name} of ${range} in ${cell} is ${shownNumber(value)}.`
    claims.push({ kind: 'total', id: id(), sheet, cell, range, function: name, value, text })
  }
  for (const { cell, formula, copies, ranges, complete } of formulas.slice(0, most.formulas)) {
    if (!complete) continue
    const spread = copies === 1 ? '' : ` (the same in ${ranges.join(', ')}${ranges.length === 6 ? ' and more' : ''})`
    claims.push({ kind: 'formula', id: id(), sheet, cell, formula, text: `${cell} computes ${formula}${spread}.` })
  }
  for (const { cell, error } of errors.slice(0, most.errors)) {
    claims.push({ kind: 'value', id: id(), sheet, cell, value: error, text: `${cell} shows ${error}.` })
  }
  return claims
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
