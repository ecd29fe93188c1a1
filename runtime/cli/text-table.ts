import { plainLine } from './plain-line.ts'

/** Rows as aligned columns under their names, numbers to the right. The last column is as long as it is. */
export function textTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map(plainLine))
  const widths = columns.map((_, at) => lines.reduce((width, row) => Math.max(width, row[at]?.length ?? 0), 0))
  const areNumbers = columns.map((_, at) => rows.every((row) => /^\d+$/.test(row[at] ?? '')))
  const fit = (cell: string, at: number): string => {
    const width = at === columns.length - 1 ? 0 : (widths[at] ?? 0)
    return areNumbers[at] ? cell.padStart(width) : cell.padEnd(width)
  }
  return lines
    .map((row) => row.map(fit).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
