import { severities } from '../findings/finding.ts'
import { costsSection, limitsSection, securitySection, validationSection } from './closing-sections.ts'
import { findingSentence, findingsSection } from './findings-section.ts'
import { groupedNumber, markdownText } from './markdown-text.ts'
import { MODEL_SAYS } from './model-remark.ts'
import { relationshipsSection } from './relationships-section.ts'
import { isByModel, type ReportContent } from './report-content.ts'
import { workbookSection } from './workbook-section.ts'

const mostNamed = 5

/** Writes the report as Markdown. Texts of the workbook are escaped, so that they stay text. */
export function markdownReport(content: ReportContent): string {
  const title = content.title === null ? 'Workbook analysis' : `Analysis of ${markdownText(content.title)}`
  const sections = [
    `# ${title}`,
    unansweredText(content),
    summarySection(content),
    workbookSection(content),
    securitySection(content),
    findingsSection(content),
    relationshipsSection(content),
    validationSection(content),
    costsSection(content),
    limitsSection(content),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

/** That no model came to anything, before all that would hide it. */
function unansweredText({ modelAnswered, reason }: ReportContent): string {
  if (modelAnswered !== false) return ''
  return `**A model was asked for, and nothing here is of a model:** ${markdownText(reason ?? 'no reason given')}.`
}

function summarySection(content: ReportContent): string {
  const parts = ['## Summary', summaryText(content), sizeText(content), findingText(content), ratingText(content)]
  if (!isByModel(content)) parts.push('This report was written without a model.')
  return parts.filter((part) => part !== '').join('\n\n')
}

/** What a model wrote, marked as such, each sentence with the cells that its numbers come from. */
function summaryText({ summary }: ReportContent): string {
  if (summary.length === 0) return ''
  const sentences = summary
    .map(({ text, cells }) =>
      cells.length === 0 ? markdownText(text) : `${markdownText(text)} (${cells.map(markdownText).join(', ')})`,
    )
    .join(' ')
  return `${MODEL_SAYS} ${sentences}`
}

function sizeText({ facts: { totals, sheets } }: ReportContent): string {
  const hidden = sheets.filter((sheet) => sheet.state !== 'visible').length
  const sheetCount = `${totals.sheets} ${totals.sheets === 1 ? 'sheet' : 'sheets'}${hidden > 0 ? ` (${hidden} hidden)` : ''}`
  if (totals.formulas === 0)
    return `The workbook has ${sheetCount} with ${groupedNumber(totals.cells)} cells and no formulas.`
  return `The workbook has ${sheetCount} with ${groupedNumber(totals.cells)} cells. ${groupedNumber(totals.formulas)} of them are formulas, ${groupedNumber(totals.uniqueFormulas)} distinct.`
}

function findingText({ facts: { findings, omittedFindings } }: ReportContent): string {
  if (findings.length === 0) return 'The audit found nothing to object to.'
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${groupedNumber(count)} ${severity}`]
  })
  const total = findings.length + omittedFindings
  const lead = `The audit has ${groupedNumber(total)} ${total === 1 ? 'finding' : 'findings'}: ${counts.join(', ')}.`
  const grave = findings.filter((finding) => finding.severity === 'critical' || finding.severity === 'high')
  if (grave.length === 0) return `${lead} None of them is rated high.`
  const list = grave
    .slice(0, mostNamed)
    .map(({ sheet, ...rest }) => `- ${sheet === null ? '' : `**${markdownText(sheet)}:** `}${findingSentence(rest)}`)
  const more = grave.length > mostNamed ? [`- and ${grave.length - mostNamed} more below.`] : []
  return `${lead} Look at these first:\n\n${[...list, ...more].join('\n')}`
}

function ratingText({ complexity, security }: ReportContent): string {
  const reasons = complexity.reasons.map(markdownText).join(', ')
  return `Complexity is ${complexity.level} (structure score ${complexity.score} of 100): ${reasons}. Security is ${security.level} (score ${security.score} of 100).`
}
