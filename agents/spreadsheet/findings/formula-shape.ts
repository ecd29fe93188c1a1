import type { FormulaExpression, FormulaReference } from '../formulas/formula-expression.ts'

const deepest = 400

/**
 * A text that is the same for formulas that mean the same: the order of terms and factors and a plus sign in front make
 * no difference. Null for what is nested too deep to compare.
 */
export function formulaShape(
  expression: FormulaExpression,
  ofReference: (reference: FormulaReference) => string = exactReference,
  depth = 0,
): string | null {
  if (depth > deepest) return null
  const inner = (part: FormulaExpression) => formulaShape(part, ofReference, depth + 1)
  switch (expression.kind) {
    case 'literal':
      return JSON.stringify(expression.value)
    case 'error':
      return expression.code
    case 'reference':
      return ofReference(expression.reference)
    case 'unary': {
      const operand = inner(expression.operand)
      return expression.operator === '+' ? operand : operand && `${expression.operator}(${operand})`
    }
    case 'binary': {
      const parts = expression.operator === '+' || expression.operator === '*' ? operandsOf(expression) : null
      const shapes = (parts ?? [expression.left, expression.right]).map(inner)
      if (shapes.includes(null)) return null
      if (parts !== null) shapes.sort(compareShapes)
      return `(${shapes.join(` ${expression.operator} `)})`
    }
    case 'call': {
      const shapes = expression.arguments.map(inner)
      return shapes.includes(null) ? null : `${expression.name}(${shapes.join(',')})`
    }
    default:
      return JSON.stringify(expression)
  }
}

/** The operands of a chain of one operator: `a + b + c` has three. */
function operandsOf(root: FormulaExpression & { readonly kind: 'binary' }): FormulaExpression[] {
  const operands: FormulaExpression[] = []
  const pending: FormulaExpression[] = [root]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === 'binary' && next.operator === root.operator) pending.push(next.right, next.left)
    else if (next.kind === 'unary' && next.operator === '+') pending.push(next.operand)
    else operands.push(next)
  }
  return operands
}

function exactReference(reference: FormulaReference): string {
  return JSON.stringify(reference).toLowerCase()
}

/** A text that is the same for formulas that differ only in the cells they read on their sheets. */
export function formulaSkeleton(expression: FormulaExpression): string | null {
  return formulaShape(expression, (reference) => {
    if (reference.kind !== 'area') return exactReference(reference)
    const { workbook, sheet, lastSheet, top, left, bottom, right } = reference
    const single = top.at === bottom.at && left.at === right.at && top.fixed === bottom.fixed
    return JSON.stringify([workbook, sheet, lastSheet, single, top.fixed, left.fixed]).toLowerCase()
  })
}

function compareShapes(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : a === b ? 0 : 1
}
