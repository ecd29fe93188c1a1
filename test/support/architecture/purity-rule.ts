import type { Node } from 'oxc-parser'
import type { SourceFile } from './source-file.ts'
import { type PlacedNode, syntaxNodes } from './syntax-nodes.ts'
import type { Violation } from './violation.ts'

const PURE = /^(machines|runtime\/protocol)\//

/** Globals that bring time, randomness or the outside world. */
const IMPURE = new Set(
  'setTimeout setInterval setImmediate performance crypto fetch console process WebSocket'.split(' '),
)

const METHODS: ReadonlyMap<string, string> = new Map([
  ['Date', 'now'],
  ['Math', 'random'],
])

/** Machines and the protocol take time, randomness and IO by argument: no clock, no random, no fetch, no console. */
export function purityRule(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => PURE.test(path))
    .flatMap(({ path, program }) =>
      [...syntaxNodes(program)].flatMap((placed) => {
        const name = impurity(placed)
        return name === null ? [] : [{ path, rule: 'purity', detail: `${name} must come in by argument` }]
      }),
    )
}

function impurity({ node, parent, field }: PlacedNode): string | null {
  if (node.type === 'Identifier') {
    const isName = isNameOnly(parent, field)
    return IMPURE.has(node.name) && !isName ? node.name : null
  }
  if (node.type === 'NewExpression' && node.arguments.length === 0 && isIdentifier(node.callee, 'Date')) {
    return 'new Date()'
  }
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return null
  const method = METHODS.get(node.object.name)
  return method !== undefined && isIdentifier(node.property, method) ? `${node.object.name}.${method}` : null
}

// In `step.process`, `{ process: 1 }` and a type's `process: string` the word is a name of something else.
function isNameOnly(parent: Node | null, field: string): boolean {
  if (parent === null || (field !== 'property' && field !== 'key')) return false
  return !(parent as { readonly computed?: boolean }).computed
}

function isIdentifier(node: Node, name: string): boolean {
  return node.type === 'Identifier' && node.name === name
}
