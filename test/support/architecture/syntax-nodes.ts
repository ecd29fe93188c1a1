import type { Node } from 'oxc-parser'

/** A node of a syntax tree together with the node above it and the name of the field it hangs on. */
export interface PlacedNode {
  readonly node: Node
  readonly parent: Node | null
  readonly field: string
}

/** Every node of a syntax tree, parents first. */
export function* syntaxNodes(node: Node, parent: Node | null = null, field = ''): Generator<PlacedNode> {
  yield { node, parent, field }
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* syntaxNodes(child, node, name)
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
