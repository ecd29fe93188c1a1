import type { RelationshipNode } from '../phases/relationship-analysis.ts'
import { markdownTable } from './markdown-table.ts'
import { groupedNumber, markdownText } from './markdown-text.ts'
import type { ReportContent } from './report-content.ts'

const mostEdges = 60

/** Which sheets, names and files feed which. */
export function relationshipsSection({ relationships }: ReportContent): string {
  if (relationships === null) return '## Relationships\n\nThe relationships were not analysed.'
  const { edges, cycles, isolated } = relationships
  const parts = ['## Relationships']
  if (edges.length === 0) parts.push('No formula and no chart refers beyond its own sheet.')
  else {
    const named = edges.some((edge) => edge.purpose !== null)
    const columns = [
      { title: 'Reader' },
      { title: 'Source' },
      { title: 'References', right: true },
      { title: 'Functions' },
      { title: 'For example in' },
      ...(named ? [{ title: 'Purpose, as the model says' }] : []),
    ]
    const rows = edges
      .slice(0, mostEdges)
      .map(({ from, to, references, functions, examples, purpose }) => [
        nodeText(from),
        nodeText(to),
        groupedNumber(references),
        functions.slice(0, 6).join(', '),
        examples.join(', '),
        ...(named ? [markdownText(purpose ?? '')] : []),
      ])
    parts.push(markdownTable(columns, rows))
    if (edges.length > mostEdges) parts.push(`${edges.length - mostEdges} more are not listed.`)
  }
  for (const cycle of cycles)
    parts.push(`Sheets that read each other in a circle: ${cycle.map(markdownText).join(', ')}.`)
  if (isolated.length > 0 && edges.length > 0) {
    parts.push(`Not linked to any other sheet: ${isolated.slice(0, 40).map(markdownText).join(', ')}.`)
  }
  return parts.join('\n\n')
}

const nodeLead: Readonly<Record<RelationshipNode['kind'], string>> = {
  sheet: '',
  chart: 'charts on ',
  name: 'name ',
  external: 'file ',
}

function nodeText({ kind, name }: RelationshipNode): string {
  return nodeLead[kind] + markdownText(name)
}
