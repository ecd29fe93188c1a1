import type { DefinedName, Sheet, SheetState, Workbook } from '../workbook.ts'
import { relationsOf } from './part-relations.ts'
import { Refusal } from './refusal.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import { childOf, childrenOf, parseXmlTree, type XmlElement } from './xml-tree.ts'

/** One sheet as the workbook part lists it. */
export interface SheetEntry {
  readonly name: string
  readonly kind: Sheet['kind']
  readonly state: SheetState
  readonly part: string
}

/** What the workbook part of an OOXML package says, before any sheet is read. */
export interface WorkbookOutline extends Pick<Workbook, 'names' | 'externalLinks' | 'calculation' | 'date1904'> {
  readonly sheets: readonly SheetEntry[]
}

/** Reads the workbook part and its relationships. */
export function readWorkbookOutline(parts: WorkbookParts, part: string): WorkbookOutline {
  const root = parseXmlTree(parts.text(part) ?? '', part)
  if (root?.name !== 'workbook') throw new Refusal('BAD_PACKAGE', `The part ${part} holds no workbook element.`)
  const sheets = sheetEntries(parts, part, childrenOf(childOf(root, 'sheets'), 'sheet'))
  if (sheets.length === 0) throw new Refusal('BAD_PACKAGE', 'The workbook lists no sheets.')
  const relations = relationsOf(parts, part)
  const calculation = childOf(root, 'calcPr')?.attributes ?? {}
  const mode = calculation['calcMode']
  return {
    sheets,
    names: childrenOf(childOf(root, 'definedNames'), 'definedName').map((name) => definedName(name, sheets)),
    externalLinks: childrenOf(childOf(root, 'externalReferences'), 'externalReference').map(({ attributes }) =>
      externalTarget(parts, relations.find((relation) => relation.id === attributes['id'])?.target),
    ),
    calculation: {
      mode: mode === 'manual' || mode === 'autoNoTable' ? mode : 'auto',
      iterative: isTrue(calculation['iterate']),
    },
    date1904: isTrue(childOf(root, 'workbookPr')?.attributes['date1904']),
  }
}

/** Sheet kinds and parts by the relationships of the workbook. */
export function sheetEntries(
  parts: WorkbookParts,
  part: string,
  listed: readonly Pick<XmlElement, 'attributes'>[],
): readonly SheetEntry[] {
  const relations = new Map(relationsOf(parts, part).map((relation) => [relation.id, relation]))
  const entries = listed.map(({ attributes }) => {
    const relation = relations.get(attributes['id'] ?? '')
    return {
      name: attributes['name'] ?? '',
      kind: sheetKind(relation?.kind ?? 'worksheet'),
      state: sheetState(attributes['state']),
      part: relation !== undefined && parts.has(relation.target) ? relation.target : missingPart(attributes['name']),
    }
  })
  const [names, targets] = [new Set<string>(), new Set<string>()]
  for (const { name, part: target } of entries) {
    if (names.has(name.toLowerCase())) throw new Refusal('BAD_PACKAGE', `Two sheets have the name ${name}.`)
    if (targets.has(target.toLowerCase())) throw new Refusal('BAD_PACKAGE', `Two sheets share the part ${target}.`)
    names.add(name.toLowerCase())
    targets.add(target.toLowerCase())
  }
  return entries
}

function missingPart(name = ''): never {
  throw new Refusal('BAD_PACKAGE', `The sheet ${name} has no part.`)
}

/** An XML boolean that may be written as a number or a word. */
export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on'
}

function sheetKind(relation: string): Sheet['kind'] {
  if (relation === 'chartsheet' || relation === 'dialogsheet') return relation
  return /macrosheet$/i.test(relation) ? 'macrosheet' : 'worksheet'
}

function sheetState(state: string | undefined): SheetState {
  return state === 'hidden' || state === 'veryHidden' ? state : 'visible'
}

function definedName({ attributes, text }: XmlElement, sheets: readonly SheetEntry[]): DefinedName {
  const local = attributes['localSheetId']
  const sheet = local === undefined ? undefined : sheets[Number(local)]?.name
  const name = { name: attributes['name'] ?? '', formula: text.trim(), hidden: isTrue(attributes['hidden']) }
  return sheet === undefined ? name : { ...name, sheet }
}

/** The file, or the DDE or OLE source, behind one external reference. */
function externalTarget(parts: WorkbookParts, link: string | undefined): string {
  if (link === undefined) return ''
  const source = parseXmlTree(parts.text(link) ?? '', link)?.children[0]
  const dde = source?.attributes['ddeService']
  if (dde !== undefined) return `dde:${dde}|${source?.attributes['ddeTopic'] ?? ''}`
  const relations = relationsOf(parts, link)
  const target = relations.find((relation) => relation.id === source?.attributes['id']) ?? relations[0]
  return target?.target ?? ''
}
