import type { SourceFile } from './source-file.ts'
import { syntaxNodes } from './syntax-nodes.ts'
import type { Violation } from './violation.ts'

const MAXIMUM_LINES = 300
const EXAMPLE_LINES = 40

/** What no source file has: more than 300 lines, a default export, `export *`, an enum, a class that is no error. */
export function shapeRule(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => faults(file).map((detail) => ({ path: file.path, rule: 'shape', detail })))
}

/** The lines of a text, blank ones included. */
export function lineCount(text: string): number {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function faults(file: SourceFile): string[] {
  const { path, text, program } = file
  const isTest = path.startsWith('test/')
  const isConfiguration = path.endsWith('.config.ts')
  const maximum = path.startsWith('examples/') ? EXAMPLE_LINES : MAXIMUM_LINES
  const lines = lineCount(text)
  const found: string[] = []
  if (lines > maximum) found.push(`it has ${lines} lines, ${maximum} are allowed: split it by its nouns`)
  if (file.defaultExport && !isConfiguration) found.push('it has a default export: export its noun by name')
  if (file.exportStar) found.push('it has an `export *`: name what it exports')
  for (const { node } of syntaxNodes(program)) {
    if (node.type === 'TSEnumDeclaration') found.push(`it declares the enum ${node.id.name}: use a union of strings`)
    if ((node.type === 'ClassDeclaration' || node.type === 'ClassExpression') && !isTest && !extendsError(node)) {
      found.push(`it declares the class ${node.id?.name ?? ''}, which is no error: use functions and plain values`)
    }
  }
  return found
}

function extendsError({ superClass }: { readonly superClass: unknown }): boolean {
  const parent = superClass as { readonly type: string; readonly name?: string } | null
  return parent?.type === 'Identifier' && parent.name?.endsWith('Error') === true
}
