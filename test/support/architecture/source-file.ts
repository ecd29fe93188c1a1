import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { type Program, parseSync } from 'oxc-parser'
import { syntaxNodes } from './syntax-nodes.ts'

/** One import, re-export or dynamic import of a source file. */
export interface SourceImport {
  readonly specifier: string
  /** The file of this repository it names, or null for a package or a part of Node. */
  readonly path: string | null
  /** The package it names, without a path inside it, or null. */
  readonly package: string | null
  readonly builtin: boolean
  /** Gone after the types are stripped. */
  readonly typeOnly: boolean
}

/** One exported name. */
export interface SourceExport {
  readonly name: string
  readonly typeOnly: boolean
  /** What it is re-exported from, or null when it is declared here. */
  readonly from: SourceImport | null
  /** Its name in the file it comes from. */
  readonly original: string
  /** Whether a doc comment stands right above the statement that exports it. */
  readonly documented: boolean
}

/** A parsed TypeScript file of this repository. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly program: Program
  readonly imports: readonly SourceImport[]
  readonly exports: readonly SourceExport[]
  readonly defaultExport: boolean
  readonly exportStar: boolean
}

const BUILTINS = new Set(builtinModules)

/** Parses a source text. A text that is no TypeScript throws, so that no rule passes for want of input. */
export function sourceFile(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text)
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const entries = module.staticExports.flatMap((statement) => statement.entries)
  const imports = module.staticImports.map(({ moduleRequest, entries: names }) =>
    sourceImport(path, moduleRequest.value, names.length > 0 && names.every((name) => name.isType)),
  )
  for (const entry of entries) {
    if (entry.moduleRequest) imports.push(sourceImport(path, entry.moduleRequest.value, entry.isType))
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    if (literal?.[2]) imports.push(sourceImport(path, literal[2], false))
  }
  for (const specifier of importedTypes(program)) imports.push(sourceImport(path, specifier, true))
  return {
    path,
    text,
    program,
    imports,
    exports: module.staticExports.flatMap((statement) =>
      statement.entries.flatMap(({ exportName, importName, localName, isType, moduleRequest }): SourceExport[] => {
        const name = exportName.name
        if (name === null) return []
        return [
          {
            name,
            typeOnly: isType,
            from: moduleRequest ? sourceImport(path, moduleRequest.value, isType) : null,
            original: importName.name ?? localName.name ?? name,
            documented: comments.some(({ type, value, end }) => {
              const isDoc = type === 'Block' && value.startsWith('*')
              return isDoc && text.slice(end, statement.start).trim() === ''
            }),
          },
        ]
      }),
    ),
    defaultExport: entries.some(
      ({ exportName }) => isKind(exportName.kind, 'Default') || exportName.name === 'default',
    ),
    exportStar: entries.some(({ importName }) => isKind(importName.kind, 'All', 'AllButDefault')),
  }
}

// `import('x').Y` in a type position is no import statement, yet it ties two files together all the same.
function importedTypes(program: Program): string[] {
  return [...syntaxNodes(program)].flatMap(({ node }) => (node.type === 'TSImportType' ? [node.source.value] : []))
}

function sourceImport(importer: string, specifier: string, typeOnly: boolean): SourceImport {
  const path = resolved(importer, specifier)
  const bare = specifier.split('/')
  const name = specifier.startsWith('@') ? bare.slice(0, 2).join('/') : (bare[0] ?? specifier)
  const builtin = path === null && (specifier.startsWith('node:') || BUILTINS.has(name))
  return { specifier, path, package: path === null && !builtin ? name : null, builtin, typeOnly }
}

function resolved(importer: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(importer), specifier) : null
}

// The parser declares its kinds as an enum without values; at run time they are these words.
function isKind(kind: string, ...words: readonly string[]): boolean {
  return words.includes(kind)
}
