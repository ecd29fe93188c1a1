import type { WorkbookFormat } from '../workbook.ts'
import { relationsOf, relationsPart } from './part-relations.ts'
import { Refusal } from './refusal.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import { childrenOf, parseXmlTree } from './xml-tree.ts'

/** Which workbook a zip package holds. Throws a refusal when it holds none, or lacks what every workbook has. */
export function packageFormat(parts: WorkbookParts): WorkbookFormat {
  if (parts.has('[Content_Types].xml')) return officeFormat(parts)
  if (parts.has('META-INF/manifest.xml') || parts.has('content.xml')) return openDocumentFormat(parts)
  if (parts.has('xl/workbook.xml') || parts.has('_rels/.rels')) {
    throw new Refusal('BAD_PACKAGE', 'The package has no [Content_Types].xml.')
  }
  const numbers = parts.names.some((name) => /\.iwa$|^index\.(?:zip|xml)/i.test(name))
  throw new Refusal(
    'NOT_A_WORKBOOK',
    `The file is ${numbers ? 'an Apple Numbers document' : 'a zip archive without a workbook'}.`,
  )
}

/** The main part of an OOXML package, as its root relationships say. */
export function workbookPartName(parts: WorkbookParts): string {
  if (!parts.has('_rels/.rels')) throw new Refusal('BAD_PACKAGE', 'The package has no _rels/.rels.')
  const root = relationsOf(parts, '').find((relation) => relation.kind === 'officeDocument')
  if (root === undefined) throw new Refusal('BAD_PACKAGE', 'The package names no main document in _rels/.rels.')
  if (!parts.has(root.target)) throw new Refusal('BAD_PACKAGE', `The main document ${root.target} is missing.`)
  return root.target
}

function officeFormat(parts: WorkbookParts): WorkbookFormat {
  const main = workbookPartName(parts)
  const type = contentTypeOf(parts, main)
  const other = /wordprocessingml|presentationml|visio/.exec(type)?.[0]
  if (other !== undefined || /^(?:word|ppt|visio)\//i.test(main)) {
    throw new Refusal('NOT_A_WORKBOOK', `The package is another Office document (${main}).`)
  }
  if (!parts.has(relationsPart(main))) {
    throw new Refusal('BAD_PACKAGE', `The workbook has no relationships (${relationsPart(main)} is missing).`)
  }
  if (/\.bin$/i.test(main) || type.includes('sheet.binary')) return 'xlsb'
  const macros =
    /macroEnabled/i.test(type) || relationsOf(parts, main).some((relation) => relation.kind === 'vbaProject')
  return macros ? 'xlsm' : 'xlsx'
}

function contentTypeOf(parts: WorkbookParts, part: string): string {
  const types = parseXmlTree(parts.text('[Content_Types].xml') ?? '', '[Content_Types].xml')
  const override = childrenOf(types, 'Override').find(
    ({ attributes }) => attributes['PartName']?.replace(/^\//, '').toLowerCase() === part.toLowerCase(),
  )
  return override?.attributes['ContentType'] ?? ''
}

function openDocumentFormat(parts: WorkbookParts): WorkbookFormat {
  const type = parts.text('mimetype')?.trim() ?? ''
  if (type !== '' && !type.includes('spreadsheet'))
    throw new Refusal('NOT_A_WORKBOOK', `The document is of type ${type}.`)
  const manifest = parts.text('META-INF/manifest.xml')
  if (manifest === undefined) throw new Refusal('BAD_PACKAGE', 'The document has no META-INF/manifest.xml.')
  if (/<(?:\w+:)?encryption-data\b/.test(manifest)) {
    throw new Refusal('ENCRYPTED', 'The document is encrypted with a password.')
  }
  if (!parts.has('content.xml')) throw new Refusal('BAD_PACKAGE', 'The document has no content.xml.')
  return 'ods'
}

/** The part that holds the VBA project, if there is one. */
export function packageVba(parts: WorkbookParts, main: string): string | undefined {
  const related = relationsOf(parts, main).find((relation) => relation.kind === 'vbaProject')?.target
  return related ?? parts.names.find((name) => /(?:^|\/)vbaProject\.bin$/i.test(name))
}
