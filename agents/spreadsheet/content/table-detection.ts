import type { CellRange, Sheet } from '../workbook.ts'
import { isFilled, sheetBlocks } from './sheet-block.ts'
import { findHeader } from './table-header.ts'

/** A table on a sheet: a structured one, or a block of cells that reads as one. */
export interface DetectedTable {
  /** The name of a structured table; null for a block. */
  readonly name: string | null
  readonly range: CellRange
  /** The rows between the header and the totals. */
  readonly body: CellRange
  readonly headers: readonly string[]
  readonly hasHeader: boolean
  readonly hasTotals: boolean
}

const totalWords = /^\s*(?:grand\s+|sub-?\s*)?(?:totals?|sums?|gesamt|summe|total general|totaux|somme)\b/i

/** Finds the tables of a sheet: the structured ones, then the blocks outside them. */
export function detectTables(sheet: Sheet): DetectedTable[] {
  const structured = sheet.tables.map((table): DetectedTable => {
    const top = table.range.top + (table.headerRow ? 1 : 0)
    const bottom = Math.max(top, table.range.bottom - (table.totalsRow ? 1 : 0))
    return {
      name: table.name,
      range: table.range,
      body: { ...table.range, top, bottom },
      headers: table.columns,
      hasHeader: table.headerRow,
      hasTotals: table.totalsRow,
    }
  })
  const free = joinBlocks(sheet, sheetBlocks(sheet)).filter(
    (block) => !structured.some((t) => overlaps(t.range, block)),
  )
  return [...structured, ...free.flatMap((block) => tableOf(sheet, block) ?? [])].sort(
    (a, b) => a.range.top - b.range.top || a.range.left - b.range.left,
  )
}

function tableOf(sheet: Sheet, block: CellRange): DetectedTable | null {
  const width = block.right - block.left + 1
  const header = findHeader(sheet, block)
  const top = header === null ? block.top : header.bottom + 1
  const hasTotals = block.bottom > top && isTotalsRow(sheet, block, block.bottom)
  const body = { ...block, top, bottom: hasTotals ? block.bottom - 1 : block.bottom }
  const height = body.bottom - body.top + 1
  if (header === null ? width < 2 || height < 3 : height < (width === 1 ? 3 : 2)) return null
  return {
    name: null,
    range: { ...block, top: header?.top ?? block.top },
    body,
    headers: header?.names ?? Array.from({ length: width }, () => ''),
    hasHeader: header !== null,
    hasTotals,
  }
}

/** A row that adds up what stands above it: it says so, or its formulas do. */
function isTotalsRow(sheet: Sheet, block: CellRange, r: number): boolean {
  let sums = 0
  let others = 0
  for (let c = block.left; c <= block.right; c++) {
    const cell = sheet.rows[r]?.[c]
    if (!isFilled(cell)) continue
    if (cell.type === 'text') {
      if (totalWords.test(String(cell.value))) return true
    } else if (cell.formula !== undefined && /^\+?(?:SUM|SUBTOTAL|AGGREGATE)\s*\(/i.test(cell.formula)) sums++
    else others++
  }
  return sums > 0 && sums >= others
}

/** Puts back together what a spacer row or column took apart: a part with no labels of its own goes on from its neighbour. */
function joinBlocks(sheet: Sheet, blocks: readonly CellRange[]): CellRange[] {
  const joined: CellRange[] = []
  for (const block of blocks) {
    const at = joined.findIndex(
      (before) => continuesBelow(sheet, before, block) || continuesRight(sheet, before, block),
    )
    const before = joined[at]
    if (before === undefined) joined.push(block)
    else
      joined[at] = {
        ...before,
        bottom: Math.max(before.bottom, block.bottom),
        right: Math.max(before.right, block.right),
      }
  }
  return joined
}

function continuesBelow(sheet: Sheet, before: CellRange, block: CellRange): boolean {
  const near = block.top - before.bottom === 2 && block.left === before.left && block.right === before.right
  return near && before.bottom > before.top && findHeader(sheet, block) === null
}

function continuesRight(sheet: Sheet, before: CellRange, block: CellRange): boolean {
  if (block.left - before.right !== 2 || block.top < before.top || block.bottom > before.bottom) return false
  if (block.bottom - block.top < 1) return false
  for (let r = block.top + 1; r <= block.bottom; r++) {
    const cell = sheet.rows[r]?.[block.left]
    if (isFilled(cell) && cell.type === 'text') return false
  }
  return true
}

function overlaps(a: CellRange, b: CellRange): boolean {
  return a.top <= b.bottom && b.top <= a.bottom && a.left <= b.right && b.left <= a.right
}
