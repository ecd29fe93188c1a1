import { markdownTable } from './markdown-table.ts'
import { groupedNumber, markdownCode, markdownText } from './markdown-text.ts'
import type { ReportContent } from './report-content.ts'

const mostSheets = 200

/** The workbook and its sheets in numbers. */
export function workbookSection({ facts, plan, sheetReports }: ReportContent): string {
  const { totals } = facts
  const calculation = `${facts.calculation.mode}${facts.calculation.iterative ? ', iterative' : ''}`
  const { checked, agreed } = facts.formulas.recalculation
  const rows: [string, string][] = [
    ['Format', `${facts.format}, ${groupedNumber(facts.size)} bytes`],
    ['SHA-256', markdownCode(facts.sha256)],
    ['Trust', `tier ${facts.trustTier.tier} of 5: ${markdownText(facts.trustTier.note)}`],
    ['Cells', `${groupedNumber(totals.cells)}, ${groupedNumber(totals.formulas)} of them formulas`],
    ['Distinct formulas', groupedNumber(totals.uniqueFormulas)],
    ['Cells with errors', groupedNumber(totals.errors)],
    ['Defined names', groupedNumber(totals.definedNames)],
    ['External links', groupedNumber(totals.externalLinks)],
    ['Volatile formulas', groupedNumber(totals.volatile)],
    ['References across sheets', groupedNumber(totals.crossSheetReferences)],
    ['Circular references', groupedNumber(totals.circular)],
    ['Longest chain', `${groupedNumber(totals.longestChain)} formulas${chain(facts.formulas.chain)}`],
    ['Calculation', markdownText(calculation)],
    ['Recalculated', recalculated(agreed, checked, totals.formulas)],
  ]
  const facet = markdownTable([{ title: 'Property' }, { title: 'Value' }], rows)
  return `## Workbook\n\n${facet}\n\n${sheetTable({ facts, plan, sheetReports })}`
}

function sheetTable({ facts, plan, sheetReports }: Pick<ReportContent, 'facts' | 'plan' | 'sheetReports'>): string {
  const status = new Map(sheetReports.map((report) => [report.sheet, report.status]))
  const agents = new Map(plan.agents.map((agent) => [agent.sheet, agent]))
  const columns = [
    { title: 'Sheet' },
    { title: 'State' },
    { title: 'Cells', right: true },
    { title: 'Formulas', right: true },
    { title: 'Errors', right: true },
    { title: 'Strategy' },
    { title: 'Status' },
  ]
  const rows = facts.sheets
    .slice(0, mostSheets)
    .map((sheet) => [
      markdownText(sheet.name),
      sheet.state,
      groupedNumber(sheet.cells),
      groupedNumber(sheet.formulas),
      groupedNumber(sheet.errors),
      (agents.get(sheet.name)?.strategy ?? '').replaceAll('_', ' '),
      status.get(sheet.name) ?? 'failed',
    ])
  const more =
    facts.sheets.length > mostSheets ? `\n\n${facts.sheets.length - mostSheets} more sheets are not listed.` : ''
  return markdownTable(columns, rows) + more
}

function chain(cells: readonly string[]): string {
  return cells.length < 2 ? '' : `: ${cells.map(markdownCode).join(' → ')}`
}

// A formula without a stored value, or with one that cannot be computed here, is compared with nothing: that is no agreement.
function recalculated(agreed: number, checked: number, formulas: number): string {
  if (formulas === 0) return 'there are no formulas'
  if (checked === 0)
    return `nothing could be compared: none of ${groupedNumber(formulas)} formulas has a stored value to hold against`
  return `${groupedNumber(agreed)} of ${groupedNumber(checked)} formulas give the value the file shows`
}
