import type { ColumnProfile } from './column-profile.ts'

/** How far values can be relied on, from 0 to 100, and in a word. */
export interface DataQuality {
  readonly score: number
  readonly label: 'excellent' | 'good' | 'fair' | 'poor'
}

/**
 * Scores columns, each weighing as many as it has values: completeness 40, one type per column 40, freedom from
 * errors and from numbers stored as text 20. Uniqueness is reported but not scored: repetition is no fault.
 */
export function dataQuality(columns: readonly ColumnProfile[]): DataQuality {
  let weight = 0
  let points = 0
  for (const column of columns) {
    if (column.values === 0) continue
    const sound =
      1 - Math.min(1, (column.errors + (column.pattern === 'id' ? 0 : column.numbersAsText)) / column.values)
    weight += column.values
    points += column.values * (40 * column.completeness + 40 * column.consistency + 20 * sound)
  }
  const score = weight === 0 ? 0 : Math.round(points / weight)
  return { score, label: score >= 90 ? 'excellent' : score >= 75 ? 'good' : score >= 50 ? 'fair' : 'poor' }
}
