import { z } from 'zod'
import { edgeList } from '../formulas/edge-list.ts'
import type { SheetEdge } from '../formulas/sheet-edges.ts'
import { strongComponents } from '../formulas/strong-components.ts'
import type { WorkbookFacts } from './workbook-facts.ts'

/** What refers or is referred to across a border; the charts on a sheet are one, by the name of the sheet. */
export interface RelationshipNode {
  readonly kind: 'sheet' | 'chart' | 'name' | 'external'
  readonly name: string
}

/** References between two nodes; `from` refers, `to` is read. */
export interface RelationshipEdge {
  readonly from: RelationshipNode
  readonly to: RelationshipNode
  readonly references: number
  readonly functions: readonly string[]
  readonly examples: readonly string[]
  /** What a model takes the edge to be for. */
  readonly purpose: string | null
}

/** How the sheets of a workbook, its names and other files hang together. */
export interface RelationshipMap {
  readonly nodes: readonly RelationshipNode[]
  readonly edges: readonly RelationshipEdge[]
  /** Groups of sheets that read each other in a circle. */
  readonly cycles: readonly (readonly string[])[]
  /** Sheets that no other sheet reads and that read no other. */
  readonly isolated: readonly string[]
}

const mostNames = 100

/** Maps the relationships of a workbook from its facts; no edge is in it that no formula and no chart has. */
export function mapRelationships(
  facts: Pick<WorkbookFacts, 'sheets' | 'edges' | 'chartEdges' | 'names' | 'externals'>,
): RelationshipMap {
  const sheet = (name: string): RelationshipNode => ({ kind: 'sheet', name })
  const used = facts.names.filter((name) => name.uses.length > 0).slice(0, mostNames)
  const edges: RelationshipEdge[] = facts.edges.map(({ from, to, ...rest }) => ({
    from: sheet(from),
    to: sheet(to),
    ...rest,
    purpose: null,
  }))
  const chart = (name: string): RelationshipNode => ({ kind: 'chart', name })
  for (const { from, to, ...rest } of facts.chartEdges)
    edges.push({ from: chart(from), to: sheet(to), ...rest, purpose: null })
  const plain = { functions: [], examples: [], purpose: null }
  for (const { name, uses, targets } of used) {
    const to: RelationshipNode = { kind: 'name', name }
    for (const use of uses) edges.push({ from: sheet(use.sheet), to, references: use.formulas, ...plain })
    for (const target of targets) edges.push({ from: to, to: sheet(target), references: 1, ...plain })
  }
  for (const { target, examples, references } of facts.externals) {
    const to: RelationshipNode = { kind: 'external', name: target }
    const sheets = new Set(examples.map((example) => example.sheet))
    for (const from of sheets) {
      const cells = examples.filter((example) => example.sheet === from).map((example) => example.cell)
      edges.push({
        from: sheet(from),
        to,
        references: sheets.size === 1 ? references : cells.length,
        functions: [],
        examples: cells,
        purpose: null,
      })
    }
  }
  const linked = new Set([...facts.edges, ...facts.chartEdges].flatMap((edge) => [edge.from, edge.to]))
  return {
    nodes: [
      ...facts.sheets.map(({ name }) => sheet(name)),
      ...[...new Set(facts.chartEdges.map(({ from }) => from))].map(chart),
      ...used.map(({ name }): RelationshipNode => ({ kind: 'name', name })),
      ...facts.externals.map(({ target }): RelationshipNode => ({ kind: 'external', name: target })),
    ],
    edges,
    cycles: sheetCycles(facts.edges),
    isolated: facts.sheets.map(({ name }) => name).filter((name) => !linked.has(name)),
  }
}

/** The groups of sheets whose formulas read each other in a circle. */
function sheetCycles(edges: readonly SheetEdge[]): string[][] {
  const names = [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))]
  const position = new Map(names.map((name, at) => [name, at]))
  const list = edgeList(edges.length)
  for (const { from, to } of edges) list.add(position.get(from) ?? 0, position.get(to) ?? 0)
  const { component, order } = strongComponents(names.length, list.byOrigin(names.length))
  const groups = Map.groupBy(order, (node) => component[node] ?? 0)
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort((a, b) => a - b).map((node) => names[node] ?? ''))
}

/** What a model says an edge is for. */
export const edgePurposeSchema = z.object({ from: z.string(), to: z.string(), purpose: z.string().max(300) })

/** One edge with its purpose. */
export type EdgePurpose = z.infer<typeof edgePurposeSchema>

/** Adds purposes to the edges that exist; those of edges that do not are handed back as refused. */
export function namePurposes(
  map: RelationshipMap,
  purposes: readonly EdgePurpose[],
): { readonly map: RelationshipMap; readonly refused: readonly EdgePurpose[] } {
  const byEdge = new Map(purposes.map((each) => [`${each.from}\n${each.to}`, each.purpose]))
  const edges = map.edges.map((edge) => ({
    ...edge,
    purpose: byEdge.get(`${edge.from.name}\n${edge.to.name}`) ?? edge.purpose,
  }))
  const known = new Set(map.edges.map((edge) => `${edge.from.name}\n${edge.to.name}`))
  return { map: { ...map, edges }, refused: purposes.filter((each) => !known.has(`${each.from}\n${each.to}`)) }
}
