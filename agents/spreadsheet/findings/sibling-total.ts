import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import type { AggregateUse } from './aggregate-use.ts'

const farthest = 3

/**
 * For each total of its own column (or row), the cells that totals beside it have in theirs and it has not. Where the
 * totals disagree, the larger group is taken as right.
 */
export function siblingGaps(uses: readonly AggregateUse[], index: FormulaIndex): Map<AggregateUse, SheetArea[]> {
  const gaps = new Map<AggregateUse, SheetArea[]>()
  const lines = Map.groupBy(
    uses.filter((use) => isOwnLine(use, index)),
    (use) => lineKey(use, index),
  )
  for (const line of lines.values()) {
    const sorted = line.sort((a, b) => positionOf(a, index) - positionOf(b, index))
    sorted.forEach((use, at) => {
      const near = sorted
        .slice(Math.max(0, at - farthest), at + farthest + 1)
        .filter((other) => Math.abs(positionOf(other, index) - positionOf(use, index)) <= farthest)
      const votes = (one: AggregateUse) => near.filter((other) => sameExtent(one, other)).length
      const missing = near
        .filter((other) => !sameExtent(use, other) && votes(other) >= votes(use))
        .flatMap((other) => difference(use, other))
      if (missing.length > 0) gaps.set(use, missing)
    })
  }
  return gaps
}

function isDown({ area }: AggregateUse): boolean {
  return area.left === area.right
}

/** A total of the cells above or below it, or to its left or right. */
function isOwnLine({ area, formula }: AggregateUse, index: FormulaIndex): boolean {
  if (area.sheet !== index.sheet[formula]) return false
  return area.left === area.right ? area.left === index.column[formula] : area.top === index.row[formula]
}

function lineKey(use: AggregateUse, index: FormulaIndex): string {
  const line = isDown(use) ? `row ${index.row[use.formula]}` : `column ${index.column[use.formula]}`
  return `${use.area.sheet} ${use.name} ${use.at} ${line}`
}

function positionOf(use: AggregateUse, index: FormulaIndex): number {
  return (isDown(use) ? index.column[use.formula] : index.row[use.formula]) as number
}

function extentOf(use: AggregateUse): [first: number, last: number] {
  return isDown(use) ? [use.area.top, use.area.bottom] : [use.area.left, use.area.right]
}

function sameExtent(a: AggregateUse, b: AggregateUse): boolean {
  const [first, last] = extentOf(a)
  const [otherFirst, otherLast] = extentOf(b)
  return first === otherFirst && last === otherLast
}

/** What lies beside a range, in its own line, where the other range has cells; none when the two are of different parts. */
function difference(use: AggregateUse, other: AggregateUse): SheetArea[] {
  const [first, last] = extentOf(use)
  const [otherFirst, otherLast] = extentOf(other)
  const most = Math.ceil((last - first + 1) / 2)
  if (otherFirst > last || otherLast < first) return []
  const parts: [number, number][] = []
  if (otherFirst < first && first - otherFirst <= most) parts.push([otherFirst, first - 1])
  if (otherLast > last && otherLast - last <= most) parts.push([last + 1, otherLast])
  return parts.map(([from, to]) =>
    isDown(use) ? { ...use.area, top: from, bottom: to } : { ...use.area, left: from, right: to },
  )
}
