import type { AnalysisResult } from '../../../agents/spreadsheet/report/analysis-result.ts'

/**
 * The numbers in what models wrote that no checked statement gives, with where they stand. Written apart from the rules of the
 * analysis, and dumber: every run of digits that is no reference to a cell counts.
 */
export function unresolvedNumbers(result: AnalysisResult): string[] {
  const { totals } = result.workbook
  const counts = [...Object.values(totals), result.findings.length, hiddenSheets(result), ...severities(result)]
  const claimed = (sheet: string | null) =>
    result.claims
      .filter((claim) => sheet === null || claim.sheet === sheet)
      .flatMap((claim) => numbersIn(JSON.stringify(claim)))
  const faults: string[] = []
  const check = (where: string, text: string, allowed: readonly number[]): void => {
    for (const number of numbersIn(text)) if (!allowed.includes(number)) faults.push(`${where}: ${number} in "${text}"`)
  }
  for (const { text } of result.summary) check('summary', text, [...counts, ...claimed(null)])
  for (const { name, model } of result.workbook.sheets) {
    if (model === null) continue
    check(name, remarkOf(result.report, name), claimed(name))
    for (const claim of result.claims.filter(({ sheet }) => sheet === name)) {
      const known = claim.kind === 'formula' ? numbersIn(claim.formula) : numbersIn(String(claim.value))
      check(claim.id, claim.text, known)
    }
  }
  for (const { purpose } of result.relationships) check('purpose', purpose ?? '', [])
  return faults
}

/** The first paragraph about a sheet. */
export function proseOf(report: string, sheet: string): string {
  const lines = report.split('\n')
  const at = lines.findIndex((line) => line === `### ${sheet}` || line.startsWith(`### ${sheet} (`))
  return at < 0 ? '' : (lines[at + 2] ?? '')
}

/** What a model says of a sheet, without the words that mark it. */
export function remarkOf(report: string, sheet: string): string {
  const [, ...rest] = report.split(/\n### /)
  const part = rest.find((each) => each.split('\n')[0]?.replace(/ \(.*/, '') === sheet) ?? ''
  const said = part.split('\n## ')[0]?.split('The model says, unchecked beyond its numbers:')[1] ?? ''
  return said.trim().replace(/^- /, '')
}

function numbersIn(text: string): number[] {
  const plain = text.replaceAll('\\', '').replace(/\$?\b[A-Z]{1,2}\$?\d{1,4}\b/g, ' ')
  return [...plain.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits))
}

function hiddenSheets({ workbook }: AnalysisResult): number {
  return workbook.sheets.filter(({ state }) => state !== 'visible').length
}

function severities({ findings }: AnalysisResult): number[] {
  return [...Map.groupBy(findings, ({ severity }) => severity).values()].map((group) => group.length)
}
