import type { Finding, FindingKind } from '../findings/finding.ts'
import { severities } from '../findings/finding.ts'
import { analyzeSheet } from '../phases/sheet-analysis.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import { claimList } from './claim-list.ts'
import { markdownTable } from './markdown-table.ts'
import { markdownSentence, markdownText } from './markdown-text.ts'
import { modelRemark } from './model-remark.ts'
import type { ReportContent } from './report-content.ts'

const mostRows = 60

/** What was found, sheet by sheet, the gravest first, what was checked, and what a model says beyond that. */
export function findingsSection({ facts, sheetReports, validation }: ReportContent): string {
  const parts = ['## Findings']
  const whole = facts.findings.filter((finding) => finding.sheet === null)
  if (whole.length > 0) parts.push('### Whole workbook', findingTable(whole))
  for (const { name, state } of facts.sheets) {
    const report = sheetReports.find((each) => each.sheet === name)
    const findings = facts.findings.filter((finding) => finding.sheet === name)
    const claims = validation.accepted.filter((claim) => claim.sheet === name)
    const hidden = state === 'visible' ? '' : state === 'hidden' ? ' (hidden)' : ' (very hidden)'
    parts.push(`### ${markdownText(name)}${hidden}`)
    parts.push(reportText(report, facts.digests))
    if (findings.length > 0) parts.push(findingTable(findings))
    parts.push(claimList(claims, findings, report?.author ?? 'rules'), modelRemark(report, claims))
  }
  if (facts.omittedFindings > 0) parts.push(`${facts.omittedFindings} more findings of lesser weight are not listed.`)
  return parts.filter((part) => part !== '').join('\n\n')
}

function reportText(report: SheetReport | undefined, digests: ReportContent['facts']['digests']): string {
  if (report === undefined) return 'The agent of this sheet gave no report.'
  if (report.author === 'model') {
    const digest = digests.find(({ facts }) => facts.name === report.sheet)
    return digest ? markdownText(analyzeSheet(digest).summary) : ''
  }
  const note =
    report.status === 'degraded' ? ` (Written by rule: ${markdownText(report.reason ?? 'the agent failed')}.)` : ''
  return markdownText(report.summary) + note
}

function findingTable(findings: readonly Finding[]): string {
  const ordered = severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
  const rows = ordered
    .slice(0, mostRows)
    .map((finding) => [finding.severity, markdownText(placesOf(finding)), findingSentence(finding)])
  const more = ordered.length > mostRows ? `\n\n${ordered.length - mostRows} more are in the JSON result.` : ''
  return markdownTable([{ title: 'Severity' }, { title: 'Where' }, { title: 'What' }], rows) + more
}

/** All the places of a finding, also when it gathers several. */
function placesOf({ range, evidence }: Finding): string {
  const { moreRanges } = evidence
  const ranges = Array.isArray(evidence.ranges) ? evidence.ranges.filter((each) => typeof each === 'string') : []
  if (ranges.length < 2) return range ?? ''
  return `${ranges.join(', ')}${typeof moreRanges === 'number' && moreRanges > 0 ? ` and ${moreRanges} more` : ''}`
}

/** Kinds whose message says what is wrong with a formula and not how it reads. */
const formulaTells: ReadonlySet<FindingKind> = new Set([
  'cached-error',
  'broken-reference',
  'circular-reference',
  'recalculation-mismatch',
  'empty-reference',
  'hard-coded-constant',
])

/** What was found, its formulas as code. */
export function findingSentence({ kind, range, message, evidence }: Omit<Finding, 'sheet'>): string {
  const { formula, found, expected } = evidence
  const [cell] = (range ?? '').split(':')
  const told = typeof formula === 'string' && formulaTells.has(kind) ? ` ${cell} holds ${formula}.` : ''
  return markdownSentence(
    message + told,
    [formula, found, expected].filter((each): each is string => typeof each === 'string' && /^\{?=/.test(each)),
  )
}
