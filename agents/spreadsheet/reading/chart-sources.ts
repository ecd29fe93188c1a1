import { relationsOf } from './part-relations.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import { decodeXmlEntities } from './xml-text.ts'

/** The charts of drawings, and what they draw: formulas such as `Sheet1!$B$2:$B$9`, as often as they are written. */
export interface DrawnCharts {
  readonly charts: number
  readonly chartSources: readonly string[]
}

const mostSources = 10_000
const source = /<(?:\w+:)?f(?:\s[^<>]*)?>([^<>]+)<\//g

/** Reads the chart parts that drawings point at. */
export function drawnCharts(parts: WorkbookParts, drawings: readonly string[]): DrawnCharts {
  const charts = drawings
    .flatMap((drawing) => relationsOf(parts, drawing))
    .filter(({ kind, external }) => (kind === 'chart' || kind === 'chartEx') && !external)
  const chartSources: string[] = []
  for (const { target } of charts) {
    if (chartSources.length >= mostSources) break
    for (const [, formula = ''] of (parts.text(target) ?? '').matchAll(source)) {
      chartSources.push(decodeXmlEntities(formula).trim())
      if (chartSources.length >= mostSources) break
    }
  }
  return { charts: charts.length, chartSources }
}
