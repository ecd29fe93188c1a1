import { usdOf } from '../../../machines/nano-usd.ts'
import { markdownTable } from './markdown-table.ts'
import { groupedNumber, markdownText } from './markdown-text.ts'
import { isByModel, type ReportContent } from './report-content.ts'

const mostRows = 60

/** What threatens whoever opens the file. */
export function securitySection({ security }: ReportContent): string {
  const lead = `## Security\n\nLevel ${security.level}, score ${security.score} of 100.`
  if (security.threats.length === 0) return `${lead} Nothing that could harm was found.`
  const rows = security.threats
    .slice(0, 60)
    .map(({ severity, kind, where, message }) => [
      String(severity),
      markdownText(kind),
      markdownText(where),
      markdownText(message),
    ])
  const columns = [{ title: 'Severity', right: true }, { title: 'Kind' }, { title: 'Where' }, { title: 'What' }]
  return `${lead}\n\n${markdownTable(columns, rows)}`
}

/** How many statements were checked, and what did not hold; nothing when they are all by rule and all hold. */
export function validationSection(content: ReportContent): string {
  const { validation, usage, rejectedSentences } = content
  const { accepted, rejected } = validation
  if (usage.calls === 0 && rejected.length === 0) return ''
  const checked = accepted.length + rejected.length
  const parts = [
    `## Validation\n\n${groupedNumber(checked)} ${checked === 1 ? 'statement was' : 'statements were'} checked against the cells: ${groupedNumber(accepted.length)} hold, ${groupedNumber(rejected.length)} ${rejected.length === 1 ? 'was' : 'were'} removed.`,
  ]
  const columns = (what: string) => [{ title: 'Sheet' }, { title: what }, { title: 'Why' }]
  if (rejected.length > 0) {
    const rows = rejected.map(({ claim, reason }) => [claim.sheet, claim.text, reason])
    parts.push(markdownTable(columns('Removed statement'), shownRows(rows)))
  }
  if (rejectedSentences.length > 0) {
    const rows = rejectedSentences.map(({ sheet, text, reason }) => [sheet ?? '', text, reason])
    parts.push(
      'Sentences that say what nothing bears out are left out as well:',
      markdownTable(columns('Removed sentence'), shownRows(rows)),
    )
  }
  return parts.join('\n\n')
}

function shownRows(rows: readonly (readonly string[])[]): string[][] {
  return rows.slice(0, mostRows).map((row) => row.map(markdownText))
}

/** What each step took; nothing when nothing was spent and every step went well at once. */
export function costsSection({ steps, usage, sheetReports, unused }: ReportContent): string {
  const smooth = steps.every(({ status, attempts, tokens }) => status === 'completed' && attempts <= 1 && tokens === 0)
  if (usage.calls === 0 && smooth) return ''
  const rows = steps.map(({ name, status, attempts, tokens, costUsd }) => [
    name.replaceAll('_', ' '),
    status,
    String(attempts),
    groupedNumber(tokens),
    costUsd.toFixed(4),
  ])
  const columns = [
    { title: 'Step' },
    { title: 'Status' },
    { title: 'Attempts', right: true },
    { title: 'Tokens', right: true },
    { title: 'USD', right: true },
  ]
  const calls = `${groupedNumber(usage.calls)} model ${usage.calls === 1 ? 'call' : 'calls'}`
  const tokens = `${groupedNumber(usage.inputTokens)} tokens in and ${groupedNumber(usage.outputTokens)} out`
  const total = `${calls}, ${tokens}, ${usage.costUsd.toFixed(4)} USD.`
  return ['## Costs', markdownTable(columns, rows), sheetCosts(sheetReports), total, unusedText(unused)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function sheetCosts(reports: ReportContent['sheetReports']): string {
  const paid = reports.filter(({ usage }) => usage.calls > 0)
  if (paid.length === 0) return ''
  const rows = paid
    .slice(0, mostRows)
    .map(({ sheet, model, usage }) => [
      markdownText(sheet),
      markdownText(model ?? (usage.models.length === 0 ? 'none answered' : `${usage.models.join(', ')}: nothing used`)),
      groupedNumber(usage.inputTokens + usage.outputTokens),
      usdOf(usage.costNanoUsd).toFixed(4),
    ])
  const columns = [
    { title: 'Sheet' },
    { title: 'Model' },
    { title: 'Tokens', right: true },
    { title: 'USD', right: true },
  ]
  return markdownTable(columns, rows)
}

function unusedText(unused: ReportContent['unused']): string {
  if (unused.length === 0) return ''
  const rows = unused
    .slice(0, mostRows)
    .map(({ step, sheet, models, tokens, costUsd, reason }) => [
      markdownText(sheet ?? step.replaceAll('_', ' ')),
      markdownText(models.join(', ')),
      groupedNumber(tokens),
      costUsd.toFixed(4),
      markdownText(reason),
    ])
  const numbers = [
    { title: 'Tokens', right: true },
    { title: 'USD', right: true },
  ]
  const columns = [{ title: 'For' }, { title: 'Answered by' }, ...numbers, { title: 'Why nothing of it is used' }]
  return `Answers that were paid and could not be used:\n\n${markdownTable(columns, rows)}`
}

/** What this analysis does not cover, so that nobody relies on more than was done. */
export function limitsSection(content: ReportContent): string {
  const { facts, steps } = content
  const { recalculation, unparseable, unparseableCount } = facts.formulas
  const limits = [
    isByModel(content)
      ? 'What stands under "Checked against the cells" was compared with them and is worded by rule. What models wrote is marked as such: its numbers are those of cells, and nothing else that it says is checked.'
      : 'Written without a model: every sentence is derived by rule from the cells.',
    content.overBudget
      ? 'The budget did not cover a model everywhere: what it did not cover is written by rule.'
      : null,
    'Macros were never run, and nothing outside the file was opened.',
    facts.totals.externalLinks > 0 ? 'Values from other workbooks are taken as the file shows them.' : null,
    ...recalculation.unsupported
      .slice(0, 5)
      .map(({ reason, count }) => `${formulas(count)} not recalculated: ${markdownText(reason)}.`),
    facts.totals.volatile > 0
      ? `${formulas(facts.totals.volatile)} volatile: the value changes with every calculation.`
      : null,
    unparseableCount > 0
      ? `${formulas(unparseableCount)} not parsed and left out of the dependencies, such as: ${markdownText(unparseable[0]?.problem ?? '')}`
      : null,
    ...facts.formulas.limits,
    facts.omittedFindings > 0 ? `${facts.omittedFindings} findings of lesser weight are left out.` : null,
    ...steps
      .filter((step) => ['degraded', 'skipped', 'failed', 'cancelled'].includes(step.status))
      .map(
        (step) =>
          `The step ${step.name.replaceAll('_', ' ')} was ${step.status}: ${markdownText(step.reason ?? 'no reason given')}.`,
      ),
    'That nothing was found is no proof: on workbooks whose faults are known, these rules find fewer than half of them.',
    'A finding says that something differs; whether it is wrong is for a person who knows the workbook to say.',
  ]
  return `## Limits\n\n${limits
    .filter((limit) => limit !== null)
    .map((limit) => `- ${limit}`)
    .join('\n')}`
}

function formulas(count: number): string {
  return count === 1 ? '1 formula is' : `${groupedNumber(count)} formulas are`
}
