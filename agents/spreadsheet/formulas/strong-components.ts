import type { Adjacency } from './edge-list.ts'

/** The strongly connected components of a graph, numbered so that every edge between two leads to a smaller number. */
export interface StrongComponents {
  readonly count: number
  /** The component of each node. */
  readonly component: Uint32Array
  /** All nodes, component by component in ascending order: what a node leads to stands before it. */
  readonly order: Uint32Array
}

const unvisited = 0

/** Tarjan's algorithm with its own stack, as a chain may be as long as the workbook. */
export const strongComponents = (nodes: number, { start, target }: Adjacency): StrongComponents => {
  const visited = new Uint32Array(nodes)
  const low = new Uint32Array(nodes)
  const nextEdge = new Uint32Array(nodes)
  const component = new Uint32Array(nodes)
  const isOpen = new Uint8Array(nodes)
  const path = new Uint32Array(nodes)
  const open = new Uint32Array(nodes)
  const order = new Uint32Array(nodes)
  let pathSize = 0
  let openSize = 0
  let orderSize = 0
  let time = 0
  let count = 0

  const enter = (node: number): void => {
    time += 1
    visited[node] = time
    low[node] = time
    nextEdge[node] = start[node] ?? 0
    isOpen[node] = 1
    path[pathSize++] = node
    open[openSize++] = node
  }

  for (let root = 0; root < nodes; root += 1) {
    if (visited[root] !== unvisited) continue
    enter(root)
    while (pathSize > 0) {
      const node = path[pathSize - 1] ?? 0
      const edge = nextEdge[node] ?? 0
      if (edge < (start[node + 1] ?? 0)) {
        nextEdge[node] = edge + 1
        const to = target[edge] ?? 0
        if (visited[to] === unvisited) enter(to)
        else if (isOpen[to] === 1) low[node] = Math.min(low[node] ?? 0, visited[to] ?? 0)
        continue
      }
      pathSize -= 1
      if (pathSize > 0) {
        const parent = path[pathSize - 1] ?? 0
        low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0)
      }
      if (low[node] !== visited[node]) continue
      let member = -1
      while (member !== node) {
        openSize -= 1
        member = open[openSize] ?? 0
        isOpen[member] = 0
        component[member] = count
        order[orderSize++] = member
      }
      count += 1
    }
  }
  return { count, component, order }
}
