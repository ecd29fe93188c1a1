import type { AstExpression, CallExpression, LambdaExpression, LetExpression } from '@borgar/fx/xlsx'
import type {
  BinaryOperator,
  FormulaExpression,
  LetBinding,
  ReferenceUse,
  UnaryOperator,
} from './formula-expression.ts'
import { areaBetween, fxReference } from './fx-reference.ts'
import { withoutPrefix } from './fx-tokens.ts'

/** An expression with what it uses. */
export interface CompiledFormula {
  readonly expression: FormulaExpression
  readonly references: readonly ReferenceUse[]
  /** Upper case, without the prefixes that newer functions carry in files. */
  readonly functions: readonly string[]
}

const maxDepth = 200

const positionOnly = new Set(['ROW', 'ROWS', 'COLUMN', 'COLUMNS', 'AREAS', 'SHEET', 'SHEETS', 'ISREF', 'FORMULATEXT'])

interface Compilation {
  readonly row: number
  readonly column: number
  readonly references: ReferenceUse[]
  readonly functions: Set<string>
  readonly bound: string[]
}

/** Turns a syntax tree into an expression that does not depend on the cell at `row`, `column` it was written in. */
export const compileFormula = (ast: AstExpression, row: number, column: number): CompiledFormula => {
  const compilation: Compilation = { row, column, references: [], functions: new Set(), bound: [] }
  const expression = compile(ast, compilation, 0, false)
  return { expression, references: compilation.references, functions: [...compilation.functions] }
}

const compile = (
  node: AstExpression | null,
  compilation: Compilation,
  depth: number,
  positional: boolean,
): FormulaExpression => {
  if (depth > maxDepth) throw new RangeError(`The formula is nested deeper than ${maxDepth} levels.`)
  if (node === null) return { kind: 'missing' }
  switch (node.type) {
    case 'Literal':
      return { kind: 'literal', value: node.value }
    case 'ErrorLiteral':
      return { kind: 'error', code: node.value.toUpperCase() }
    case 'ReferenceIdentifier': {
      const reference = fxReference(node, compilation.row, compilation.column)
      if (reference === null) throw new SyntaxError(`"${node.value}" is not a reference.`)
      const isBound = reference.kind === 'name' && compilation.bound.includes(reference.name.toLowerCase())
      if (!isBound) compilation.references.push({ reference, positional })
      return { kind: 'reference', reference }
    }
    case 'UnaryExpression': {
      const operator: UnaryOperator = node.operator
      const operand = compile(node.arguments[0] ?? null, compilation, depth + 1, false)
      return { kind: 'unary', operator, operand }
    }
    case 'BinaryExpression':
      return compileBinary(node, compilation, depth)
    case 'CallExpression':
      return compileCall(node, compilation, depth, positional)
    case 'ArrayExpression':
      return {
        kind: 'array',
        rows: node.elements.map((row) => row.map((element) => compile(element, compilation, depth + 1, false))),
      }
    case 'LetExpression':
      return compileLet(node, compilation, depth)
    case 'LambdaExpression':
      return compileLambda(node, compilation, depth)
  }
}

// A sum of a thousand terms is a thousand levels deep on its left side: walked in a loop, not by recursion.
const compileBinary = (root: AstExpression, compilation: Compilation, depth: number): FormulaExpression => {
  const spine = []
  let node: AstExpression | null = root
  while (node?.type === 'BinaryExpression') {
    spine.push(node)
    node = node.arguments[0] ?? null
  }
  let left = compile(node, compilation, depth + 1, false)
  for (const parent of spine.toReversed()) {
    const operator: BinaryOperator = parent.operator
    const before = compilation.references.length
    const right = compile(parent.arguments[1] ?? null, compilation, depth + 1, operator === ':')
    left = operator === ':' ? rangeOf(left, right, compilation, before) : { kind: 'binary', operator, left, right }
  }
  return left
}

const rangeOf = (
  left: FormulaExpression,
  right: FormulaExpression,
  compilation: Compilation,
  before: number,
): FormulaExpression => {
  const area =
    left.kind === 'reference' && right.kind === 'reference' ? areaBetween(left.reference, right.reference) : null
  if (area === null) return { kind: 'binary', operator: ':', left, right }
  compilation.references.splice(before - 1, 2, { reference: area, positional: false })
  return { kind: 'reference', reference: area }
}

const compileCall = (
  node: CallExpression,
  compilation: Compilation,
  depth: number,
  positional: boolean,
): FormulaExpression => {
  // The parser allows calls of names and lambdas, whose callee is no identifier.
  const callee: AstExpression | { readonly type: 'Identifier'; readonly name: string } = node.callee
  const name = callee.type === 'Identifier' ? withoutPrefix(callee.name).toUpperCase() : 'LAMBDA'
  if (callee.type !== 'Identifier') compile(callee, compilation, depth + 1, false)
  compilation.functions.add(name)
  const values = node.arguments.map((argument, at) => {
    const isPosition = positionOnly.has(name) || (at === 0 && (name === 'OFFSET' || (name === 'INDEX' && positional)))
    return compile(argument, compilation, depth + 1, isPosition && argument?.type === 'ReferenceIdentifier')
  })
  return { kind: 'call', name, arguments: values }
}

const compileLet = (node: LetExpression, compilation: Compilation, depth: number): FormulaExpression => {
  compilation.functions.add('LET')
  const outer = compilation.bound.length
  const bindings: LetBinding[] = []
  for (const { id, init } of node.declarations) {
    bindings.push({ name: id.name.toLowerCase(), value: compile(init, compilation, depth + 1, false) })
    compilation.bound.push(id.name.toLowerCase())
  }
  const body = compile(node.body, compilation, depth + 1, false)
  compilation.bound.length = outer
  return { kind: 'let', bindings, body }
}

const compileLambda = (node: LambdaExpression, compilation: Compilation, depth: number): FormulaExpression => {
  compilation.functions.add('LAMBDA')
  const outer = compilation.bound.length
  for (const { name } of node.params) compilation.bound.push(name.toLowerCase())
  compile(node.body, compilation, depth + 1, false)
  compilation.bound.length = outer
  return { kind: 'lambda' }
}
