import type { Finding } from '../findings/finding.ts'
import { severities } from '../findings/finding.ts'
import type { Claim } from '../phases/claims/claim.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import { markdownTable } from './markdown-table.ts'
import { markdownSentence, markdownText } from './markdown-text.ts'
import type { ReportContent } from './report-content.ts'

const mostRows = 60

/** What was found, sheet by sheet, the gravest first, and what each agent says about its sheet. */
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
    parts.push(reportText(report))
    if (findings.length > 0) parts.push(findingTable(findings))
    if (claims.length > 0) parts.push(claimList(claims))
  }
  if (facts.omittedFindings > 0) parts.push(`${facts.omittedFindings} more findings of lesser weight are not listed.`)
  return parts.join('\n\n')
}

function reportText(report: SheetReport | undefined): string {
  if (report === undefined) return 'The agent of this sheet gave no report.'
  const note =
    report.status === 'degraded' ? ` (Written by rule: ${markdownText(report.reason ?? 'the agent failed')}.)` : ''
  return markdownText(report.summary) + note
}

function findingTable(findings: readonly Finding[]): string {
  const ordered = severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
  const rows = ordered
    .slice(0, mostRows)
    .map(({ severity, range, message, evidence }) => [
      severity,
      markdownText(range ?? ''),
      findingSentence({ message, evidence }),
    ])
  const more = ordered.length > mostRows ? `\n\n${ordered.length - mostRows} more are in the JSON result.` : ''
  return markdownTable([{ title: 'Severity' }, { title: 'Where' }, { title: 'What' }], rows) + more
}

/** What was found, its formulas as code. */
export function findingSentence({ message, evidence }: Pick<Finding, 'message' | 'evidence'>): string {
  const formulas = [evidence.formula, evidence.found, evidence.expected]
  return markdownSentence(
    message,
    formulas.filter((each): each is string => typeof each === 'string' && each.startsWith('=')),
  )
}

function claimSentence(claim: Claim): string {
  return markdownSentence(claim.text, claim.kind === 'formula' ? [claim.formula] : [])
}

function claimList(claims: readonly Claim[]): string {
  return ['Checked against the cells:', '', ...claims.map((claim) => `- ${claimSentence(claim)}`)].join('\n')
}
