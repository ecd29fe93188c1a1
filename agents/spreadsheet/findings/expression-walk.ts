import type { FormulaExpression } from '../formulas/formula-expression.ts'

/** An expression with the one it is an operand or argument of. */
export interface ExpressionVisit {
  readonly node: FormulaExpression
  readonly parent: FormulaExpression | null
  /** Position among the parent's operands. */
  readonly at: number
}

/** Every part of an expression, parents before children, without recursion. */
export function* walkExpression(root: FormulaExpression): Generator<ExpressionVisit> {
  const pending: ExpressionVisit[] = [{ node: root, parent: null, at: 0 }]
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    yield visit
    const { node } = visit
    const children = partsOf(node)
    for (let at = children.length - 1; at >= 0; at--) {
      pending.push({ node: children[at] as FormulaExpression, parent: node, at })
    }
  }
}

function partsOf(node: FormulaExpression): readonly FormulaExpression[] {
  switch (node.kind) {
    case 'unary':
      return [node.operand]
    case 'binary':
      return [node.left, node.right]
    case 'call':
      return node.arguments
    case 'array':
      return node.rows.flat()
    case 'let':
      return [...node.bindings.map((binding) => binding.value), node.body]
    default:
      return []
  }
}
