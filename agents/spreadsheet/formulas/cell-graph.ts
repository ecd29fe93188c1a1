import type { Sheet, Workbook } from '../workbook.ts'
import { type Adjacency, edgeList } from './edge-list.ts'
import type { FormulaReference } from './formula-expression.ts'
import type { FormulaIndex } from './formula-index.ts'
import { type LongestChain, longestChain } from './longest-chain.ts'
import { rangeNodes } from './range-nodes.ts'
import { type ExternalReference, type SheetEdge, referenceTally } from './sheet-edges.ts'
import { strongComponents } from './strong-components.ts'
import {
  type ReferenceVisitor,
  type SheetArea,
  followReference,
  resolveRange,
  workbookNames,
} from './workbook-names.ts'

/** A reference to an area that holds no cell with a value or a formula. */
export interface EmptyReference {
  readonly formula: number
  readonly area: SheetArea
}

/** A reference to a name, sheet, table or column that does not exist. */
export interface MissingReference {
  readonly formula: number
  readonly reference: FormulaReference
}

/** What depends on what. Formulas are numbers of the index; nodes above `index.count` stand for ranges. */
export interface CellGraph {
  readonly nodeCount: number
  /** From each node to what it reads. */
  readonly precedents: Adjacency
  /** All formulas so that each comes after those it reads. */
  readonly order: Uint32Array
  /** Circular references: the formulas of each circle. */
  readonly circular: readonly (readonly number[])[]
  readonly longestChain: LongestChain
  readonly volatile: readonly number[]
  readonly emptyReferences: readonly EmptyReference[]
  readonly missingReferences: readonly MissingReference[]
  readonly sheetEdges: readonly SheetEdge[]
  readonly externalReferences: readonly ExternalReference[]
  /** True when the workbook has more dependencies than are followed: the graph is then a part of the truth. */
  readonly limited: boolean
}

/** Limits that keep a hostile workbook from taking all memory. */
export interface GraphLimits {
  readonly edges?: number
  readonly listed?: number
}

/** Thirty for each formula of a large workbook; all of them take some 200 MB. */
const defaultEdges = 8_000_000

/** Builds the dependency graph of all formulas. */
export const buildGraph = (workbook: Workbook, index: FormulaIndex, limits: GraphLimits = {}): CellGraph => {
  const maxEdges = limits.edges ?? defaultEdges
  const maxListed = limits.listed ?? 100_000
  const names = workbookNames(workbook)
  const edges = edgeList(index.count * 2)
  const ranges = rangeNodes(index, workbook.sheets.length, edges)
  const tally = referenceTally(workbook, index)
  const emptyReferences: EmptyReference[] = []
  const missingReferences: MissingReference[] = []
  let limited = false

  const place = { sheet: 0, row: 0, column: 0 }
  let formula = 0
  let isPositional = false
  const visitor: ReferenceVisitor = {
    area: (area) => {
      if (area.sheet !== index.sheet[formula]) tally.sheet(formula, area.sheet)
      if (isPositional) return
      if (edges.size < maxEdges) ranges.connect(formula, area)
      else limited = true
      if (emptyReferences.length < maxListed && isEmpty(workbook.sheets[area.sheet], area)) {
        emptyReferences.push({ formula, area })
      }
    },
    missing: (reference) => {
      if (missingReferences.length < maxListed) missingReferences.push({ formula, reference })
    },
    external: (name) => tally.external(formula, name),
  }

  for (; formula < index.count; formula += 1) {
    place.sheet = index.sheet[formula] ?? 0
    place.row = index.baseRow[formula] ?? 0
    place.column = index.baseColumn[formula] ?? 0
    for (const { reference, positional } of index.uniques[index.unique[formula] ?? 0]?.references ?? []) {
      isPositional = positional
      const isPlain = reference.kind === 'area' && reference.sheet === null && reference.workbook === null
      if (isPlain) visitor.area({ sheet: place.sheet, ...resolveRange(reference, place) })
      else followReference(reference, place, names, visitor)
    }
  }

  const precedents = edges.byOrigin(ranges.nodeCount)
  const components = strongComponents(ranges.nodeCount, precedents)
  const order = components.order.filter((node) => node < index.count)
  return {
    nodeCount: ranges.nodeCount,
    precedents,
    order,
    circular: circles(order, components.component, precedents),
    longestChain: longestChain(components, precedents, index.count),
    volatile: index.uniques.flatMap((one) => (one.volatile ? [...one.cells] : [])).sort((a, b) => a - b),
    emptyReferences,
    missingReferences,
    sheetEdges: tally.sheetEdges(),
    externalReferences: tally.externalReferences(),
    limited,
  }
}

/** Cells looked at before a range is taken as not empty. */
const emptinessEffort = 256

const isEmpty = (sheet: Sheet | undefined, area: SheetArea): boolean => {
  const used = sheet?.used ?? null
  if (sheet === undefined || used === null) return true
  const top = Math.max(area.top, used.top)
  const bottom = Math.min(area.bottom, used.bottom)
  const left = Math.max(area.left, used.left)
  const right = Math.min(area.right, used.right)
  let effort = emptinessEffort
  for (let row = top; row <= bottom; row += 1) {
    const cells = sheet.rows[row] ?? []
    const end = Math.min(right + 1, cells.length)
    effort -= 1
    for (let column = left; column < end; column += 1) {
      if (cells[column] !== undefined || effort <= 0) return false
      effort -= 1
    }
    if (effort <= 0) return false
  }
  return true
}

// A circle is a component with an edge inside it. Its members stand next to each other in the order.
const circles = (order: Uint32Array, component: Uint32Array, { start, target }: Adjacency): number[][] => {
  const found: number[][] = []
  let at = 0
  while (at < order.length) {
    const current = component[order[at] ?? 0] ?? 0
    const members: number[] = []
    for (; at < order.length && component[order[at] ?? 0] === current; at += 1) members.push(order[at] ?? 0)
    const [first = 0] = members
    const edges = target.subarray(start[first] ?? 0, start[first + 1] ?? 0)
    if (members.length > 1 || edges.some((to) => component[to] === current)) found.push(members.sort((a, b) => a - b))
  }
  return found.sort(([one = 0], [other = 0]) => one - other)
}

/** The formulas that a formula reads directly, ranges followed to the formulas in them, at most `limit`. */
export const precedentFormulas = (graph: CellGraph, index: FormulaIndex, formula: number, limit = 10_000): number[] => {
  const { start, target } = graph.precedents
  const found = new Set<number>()
  const seen = new Set<number>([formula])
  const pending = [formula]
  for (let node = pending.pop(); node !== undefined && found.size < limit; node = pending.pop()) {
    for (const to of target.subarray(start[node] ?? 0, start[node + 1] ?? 0)) {
      if (to < index.count) found.add(to)
      else if (!seen.has(to)) {
        seen.add(to)
        pending.push(to)
      }
    }
  }
  return [...found].slice(0, limit).sort((a, b) => a - b)
}
