import type { Target } from './bench-case.ts'
import type { RoundStatistics } from './round-statistics.ts'
import type { RowResult } from './run-case.ts'

const HEADINGS = ['metric', 'unit', 'class', 'measured', 'against', 'peer', 'ratio', 'target', 'met'] as const

/** The results as a table for a terminal. */
export function resultTable(results: readonly RowResult[]): string {
  const rows = [HEADINGS, ...results.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.join('\n')
}

function cells(result: RowResult): readonly string[] {
  return [
    result.metric,
    result.unit,
    result.durability,
    `${result.of} ${withSpread(result.value)}`,
    result.against ?? '-',
    result.peer ? withSpread(result.peer) : '-',
    result.ratio ? withSpread(result.ratio) : '-',
    targetText(result.target),
    result.met === null ? '-' : result.met ? 'yes' : 'NO',
  ]
}

function withSpread({ median, spread }: RoundStatistics): string {
  return `${figure(median)} ±${(spread * 100).toFixed(spread < 0.1 ? 1 : 0)}%`
}

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

function targetText(target: Target): string {
  const parts: string[] = []
  if (target.atLeast !== undefined) parts.push(`>= ${figure(target.atLeast)}`)
  if (target.atMost !== undefined) parts.push(`<= ${figure(target.atMost)}`)
  if (target.ratioAtLeast !== undefined) parts.push(`ratio >= ${target.ratioAtLeast}`)
  if (target.ratioAtMost !== undefined) parts.push(`ratio <= ${target.ratioAtMost}`)
  return parts.length === 0 ? 'informative' : parts.join(', ')
}
