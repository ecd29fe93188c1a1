import type { EdgeList } from './edge-list.ts'
import type { FormulaIndex } from './formula-index.ts'
import type { SheetArea } from './workbook-names.ts'

/**
 * Ranges as nodes of the graph. The formulas of a sheet stand in two orders, row by row and column by column; in each a
 * range is a few intervals. Over an order lies a segment tree whose inner nodes are nodes of the graph that lead to
 * their two halves, so that an interval of any length costs a logarithm of edges, and exactly its formulas are reached.
 */
export interface RangeNodes {
  /** All nodes so far: the formulas first, then those of ranges. */
  readonly nodeCount: number
  /** Adds the edges from a formula to every formula in the area. */
  connect(formula: number, area: SheetArea): void
}

/** One of the two orders of a sheet's formulas. */
interface LineOrder {
  readonly formulas: Uint32Array
  /** The rows (or columns) that hold formulas, ascending, and where each begins in `formulas`. */
  readonly lines: Uint32Array
  readonly starts: Uint32Array
  /** The position across the line of each formula in `formulas`. */
  readonly across: Uint32Array
  readonly firstAcross: number
  readonly lastAcross: number
  /** What to add to a tree position (from 1) to get its node, or -1 while there is no tree. */
  treeBase: number
}

/** Below this many formulas an interval is cheaper as plain edges. */
const plainInterval = 6

/** Starts with no ranges over the formulas of an index. */
export const rangeNodes = (index: FormulaIndex, sheets: number, edges: EdgeList): RangeNodes => {
  let nodeCount = index.count
  const orders = Array.from({ length: sheets }, (_, sheet) => {
    let made: { byRow: LineOrder; byColumn: LineOrder } | undefined
    return () => {
      made ??= {
        byRow: lineOrder(index, sheet, index.row, index.column),
        byColumn: lineOrder(index, sheet, index.column, index.row),
      }
      return made
    }
  })
  const known = new Map<string, number>()

  const buildTree = (order: LineOrder): void => {
    const size = order.formulas.length
    order.treeBase = nodeCount - 1
    nodeCount += size - 1
    for (let at = 1; at < size; at += 1) {
      edges.add(order.treeBase + at, treeNode(order, at * 2))
      edges.add(order.treeBase + at, treeNode(order, at * 2 + 1))
    }
  }

  const connectInterval = (from: number, order: LineOrder, begin: number, end: number): void => {
    if (end - begin <= plainInterval) {
      for (let at = begin; at < end; at += 1) edges.add(from, order.formulas[at] ?? 0)
      return
    }
    if (order.treeBase < 0) buildTree(order)
    let low = begin + order.formulas.length
    let high = end + order.formulas.length
    while (low < high) {
      if (low % 2 === 1) edges.add(from, treeNode(order, low++))
      if (high % 2 === 1) edges.add(from, treeNode(order, --high))
      low >>>= 1
      high >>>= 1
    }
  }

  return {
    get nodeCount() {
      return nodeCount
    },
    connect: (formula, area) => {
      const { byRow, byColumn } = orders[area.sheet]?.() ?? { byRow: emptyOrder, byColumn: emptyOrder }
      const rows = linesBetween(byRow, area.top, area.bottom)
      const columns = linesBetween(byColumn, area.left, area.right)
      if (rows.begin === rows.end || columns.begin === columns.end) return
      const wholeRows = area.left <= byRow.firstAcross && area.right >= byRow.lastAcross
      const wholeColumns = area.top <= byColumn.firstAcross && area.bottom >= byColumn.lastAcross
      const rowCost = wholeRows ? 1 : rows.end - rows.begin
      const columnCost = wholeColumns ? 1 : columns.end - columns.begin
      const order = rowCost < columnCost ? byRow : byColumn
      let from = formula
      if (area.bottom - area.top + area.right - area.left > plainInterval) {
        const key = `${area.sheet}.${area.top}.${area.left}.${area.bottom}.${area.right}`
        const node = known.get(key)
        if (node !== undefined) {
          edges.add(formula, node)
          return
        }
        from = nodeCount
        nodeCount += 1
        known.set(key, from)
        edges.add(formula, from)
      }
      const span = order === byRow ? rows : columns
      if (order === byRow ? wholeRows : wholeColumns) {
        connectInterval(from, order, order.starts[span.begin] ?? 0, order.starts[span.end] ?? 0)
        return
      }
      const least = order === byRow ? area.left : area.top
      const most = order === byRow ? area.right : area.bottom
      for (let line = span.begin; line < span.end; line += 1) {
        const begin = order.starts[line] ?? 0
        const end = order.starts[line + 1] ?? 0
        connectInterval(
          from,
          order,
          lowerBound(order.across, least, begin, end),
          lowerBound(order.across, most + 1, begin, end),
        )
      }
    },
  }
}

const treeNode = (order: LineOrder, at: number): number => {
  const size = order.formulas.length
  return at >= size ? (order.formulas[at - size] ?? 0) : order.treeBase + at
}

const emptyOrder: LineOrder = {
  formulas: new Uint32Array(),
  lines: new Uint32Array(),
  starts: new Uint32Array(1),
  across: new Uint32Array(),
  firstAcross: 0,
  lastAcross: 0,
  treeBase: -1,
}

const lineOrder = (index: FormulaIndex, sheet: number, line: Uint32Array, across: Uint32Array): LineOrder => {
  const begin = index.sheetStart[sheet] ?? 0
  const end = index.sheetStart[sheet + 1] ?? 0
  const formulas = Uint32Array.from({ length: end - begin }, (_, at) => begin + at)
  // Formulas come row by row, so only the order by columns has to be sorted.
  if (line === index.column) formulas.sort((a, b) => (line[a] ?? 0) - (line[b] ?? 0) || a - b)
  const lines: number[] = []
  const starts: number[] = []
  const positions = new Uint32Array(formulas.length)
  let first = Number.POSITIVE_INFINITY
  let last = 0
  formulas.forEach((formula, at) => {
    const current = line[formula] ?? 0
    const position = across[formula] ?? 0
    if (lines.at(-1) !== current) {
      lines.push(current)
      starts.push(at)
    }
    positions[at] = position
    first = Math.min(first, position)
    last = Math.max(last, position)
  })
  starts.push(formulas.length)
  return {
    formulas,
    lines: Uint32Array.from(lines),
    starts: Uint32Array.from(starts),
    across: positions,
    firstAcross: first,
    lastAcross: last,
    treeBase: -1,
  }
}

const linesBetween = (order: LineOrder, first: number, last: number): { begin: number; end: number } => ({
  begin: lowerBound(order.lines, first, 0, order.lines.length),
  end: lowerBound(order.lines, last + 1, 0, order.lines.length),
})

const lowerBound = (sorted: Uint32Array, value: number, begin: number, end: number): number => {
  let low = begin
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
