import type { CellRange, Sheet, SheetTable } from '../workbook.ts'
import { decodeRange, lastColumn } from './cell-range.ts'
import { drawnCharts } from './chart-sources.ts'
import { type PartRelation, relationsOf } from './part-relations.ts'
import { isTrue } from './workbook-outline.ts'
import type { WorkbookParts } from './workbook-parts.ts'
import { decodeControls, openingTags, type SheetSections, tagAttribute } from './xml-scan.ts'
import { childOf, childrenOf, parseXmlTree } from './xml-tree.ts'

/** Everything on a sheet that is not a cell. */
export type SheetFeatures = Pick<
  Sheet,
  | 'merges'
  | 'tables'
  | 'pivots'
  | 'charts'
  | 'chartSources'
  | 'validations'
  | 'conditionalFormats'
  | 'comments'
  | 'protected'
  | 'hiddenRows'
  | 'hiddenColumns'
>

/** What hangs on a sheet part by relationships: the same for XML and binary sheets. */
export function relatedFeatures(
  parts: WorkbookParts,
  part: string,
): Pick<SheetFeatures, 'tables' | 'pivots' | 'charts' | 'chartSources' | 'comments'> {
  const relations = relationsOf(parts, part).filter((relation) => !relation.external && parts.has(relation.target))
  const ofKind = (kind: string): readonly PartRelation[] => relations.filter((relation) => relation.kind === kind)
  return {
    tables: ofKind('table')
      .filter((relation) => /\.xml$/i.test(relation.target))
      .flatMap((relation) => readTable(parts.text(relation.target) ?? '', relation.target) ?? []),
    pivots: ofKind('pivotTable').length,
    ...drawnCharts(
      parts,
      ofKind('drawing').map((drawing) => drawing.target),
    ),
    comments: commentedCells(parts, relations),
  }
}

/** What the XML of a sheet says around its rows, found by scanning for tags. */
export function scannedFeatures(
  sections: SheetSections,
): Pick<SheetFeatures, 'merges' | 'validations' | 'conditionalFormats' | 'protected' | 'hiddenColumns'> {
  const { head, tail } = sections
  return {
    merges: openingTags(tail, 'mergeCell').flatMap((tag): readonly CellRange[] => {
      const range = decodeRange(tagAttribute(tag, 'ref') ?? '')
      return range === null ? [] : [range]
    }),
    validations: openingTags(tail, 'dataValidation').length,
    conditionalFormats: conditionalFormats(tail),
    protected: openingTags(tail, 'sheetProtection').some((tag) => isTrue(tagAttribute(tag, 'sheet'))),
    hiddenColumns: openingTags(head, 'col')
      .filter(isHidden)
      .reduce((sum, tag) => sum + columnsIn(tag), 0),
  }
}

/** Rules, not ranges. An extended rule that only completes a plain one is not counted again. */
function conditionalFormats(xml: string): number {
  const completed = openingTags(xml, 'cfRule').length === 0 ? 0 : (xml.match(/<x14:id>/g)?.length ?? 0)
  return openingTags(xml, 'cfRule').length - completed
}

function isHidden(tag: string): boolean {
  return isTrue(tagAttribute(tag, 'hidden'))
}

function columnsIn(tag: string): number {
  const first = Number(tagAttribute(tag, 'min') ?? 1)
  const last = Math.min(Number(tagAttribute(tag, 'max') ?? first), lastColumn + 1)
  return Math.max(0, last - first + 1)
}

/** A table part; null when it has no usable range. */
function readTable(xml: string, part: string): SheetTable | null {
  const root = parseXmlTree(xml, part)
  const range = decodeRange(root?.attributes['ref'] ?? '')
  if (root === null || range === null) return null
  return {
    name: root.attributes['displayName'] ?? root.attributes['name'] ?? '',
    range,
    columns: childrenOf(childOf(root, 'tableColumns'), 'tableColumn').map((column) =>
      decodeControls(column.attributes['name'] ?? ''),
    ),
    headerRow: root.attributes['headerRowCount'] !== '0',
    totalsRow: Number(root.attributes['totalsRowCount'] ?? 0) > 0,
  }
}

/** A thread keeps a plain comment on its cell for old readers, so cells are counted, not comments. */
function commentedCells(parts: WorkbookParts, relations: readonly PartRelation[]): number {
  const cells = new Set<string>()
  let binary = 0
  for (const { kind, target } of relations) {
    if (kind !== 'comments' && kind !== 'threadedComment') continue
    if (/\.bin$/i.test(target)) binary++
    const tag = kind === 'comments' ? 'comment' : 'threadedComment'
    for (const comment of openingTags(parts.text(target) ?? '', tag)) cells.add(tagAttribute(comment, 'ref') ?? '')
  }
  return cells.size > 0 ? cells.size : binary
}
