/** A column of a table; numbers stand to the right. */
export interface TableColumn {
  readonly title: string
  readonly right?: boolean
}

const widest = 60

/** A Markdown table whose columns line up in the source too. Cells must be Markdown already. */
export function markdownTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) =>
    Math.min(widest, Math.max(3, widthOf(title), ...rows.slice(0, 1000).map((row) => widthOf(row[at] ?? '')))),
  )
  const line = (cells: readonly string[]) =>
    `| ${columns.map(({ right }, at) => pad(cells[at] ?? '', widths[at] ?? 3, right === true)).join(' | ')} |`
  const rule = columns.map(({ right }, at) => '-'.repeat((widths[at] ?? 3) - 1) + (right === true ? ':' : '-'))
  return [line(columns.map(({ title }) => title)), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}

/** Letters of East Asian scripts take two places in a fixed-width font. */
function widthOf(text: string): number {
  let width = 0
  for (const char of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(char) ? 2 : 1
  return width
}
