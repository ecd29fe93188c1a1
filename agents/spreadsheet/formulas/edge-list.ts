/** Edges as they are found, in two arrays that grow. */
export interface EdgeList {
  readonly size: number
  add(from: number, to: number): void
  /** The edges by their origin: those of node `n` are `target[start[n]]` up to, not including, `target[start[n + 1]]`. */
  byOrigin(nodes: number): Adjacency
}

/** Compressed rows: the targets of every node, one after the other. */
export interface Adjacency {
  readonly start: Uint32Array
  readonly target: Uint32Array
}

/** An empty list of edges. */
export const edgeList = (expected: number): EdgeList => {
  let origins = new Uint32Array(Math.max(expected, 16))
  let targets = new Uint32Array(origins.length)
  let size = 0
  const grow = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
    const larger = new Uint32Array(old.length * 2)
    larger.set(old)
    return larger
  }
  return {
    get size() {
      return size
    },
    add: (from, to) => {
      if (size === origins.length) {
        origins = grow(origins)
        targets = grow(targets)
      }
      origins[size] = from
      targets[size] = to
      size += 1
    },
    byOrigin: (nodes) => {
      const start = new Uint32Array(nodes + 1)
      for (let edge = 0; edge < size; edge += 1) {
        const slot = (origins[edge] ?? 0) + 1
        start[slot] = (start[slot] ?? 0) + 1
      }
      for (let node = 0; node < nodes; node += 1) start[node + 1] = (start[node + 1] ?? 0) + (start[node] ?? 0)
      const next = start.slice()
      const target = new Uint32Array(size)
      for (let edge = 0; edge < size; edge += 1) {
        const origin = origins[edge] ?? 0
        const at = next[origin] ?? 0
        target[at] = targets[edge] ?? 0
        next[origin] = at + 1
      }
      return { start, target }
    },
  }
}
