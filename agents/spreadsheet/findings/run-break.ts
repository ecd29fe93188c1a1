import { numberFormatKind } from '../content/number-format.ts'
import { type ComparedSheet, comparedSegments, isSubtotal } from './compared-segments.ts'
import { dollarDifference } from './dollar-difference.ts'
import { offsetsAlong } from './formula-kinship.ts'
import { cellOnLine, type Direction, type FormulaLine, formulaLines, type LineSegment } from './formula-line.ts'
import { formulaShape, formulaSkeleton } from './formula-shape.ts'
import { type KeyGrid, numberKey } from './key-grid.ts'

/** One cell that differs from the like formulas on both of its sides. */
export interface RunBreak {
  readonly row: number
  readonly column: number
  /** The cell's own unique formula, or `numberKey` for a constant. */
  readonly key: number
  /** The unique formula of its neighbours. */
  readonly expected: number
  readonly direction: Direction
  /** Whether the neighbours stand on both sides along the line, or only before or behind the cell. */
  readonly side: 'both' | 'before' | 'behind'
  /** How many neighbours agree with each other. */
  readonly support: number
}

const leastSupport = 3
const leastBesideEnd = 4
const patternSegments = 4
const widestLine = 200
const mostBrokenShare = 1 / 3

/** Finds the cells of a sheet that interrupt a run of like formulas, down columns and across rows. */
export function runBreaks(compared: ComparedSheet): RunBreak[] {
  const { grid, index, position } = compared
  const breaks: RunBreak[] = []
  for (const line of formulaLines(grid, index, position)) {
    const segments = comparedSegments(compared, line)
    const tally = lineTally(segments)
    for (let at = 0; at < segments.length; at++) {
      const { support, expected, side } = expectation(compared, line, segments, tally, at)
      if (support === 0) continue
      const segment = segments[at] as LineSegment
      if (isAlike(compared, line, segment, expected)) continue
      for (let cell = segment.start; cell <= segment.end; cell++) {
        const [row, column] = cellOnLine(line, cell)
        if (grid.at(row, column) !== segment.key) continue
        if (isOwnLine(grid, line, segments, at, cell) || isOtherKind(compared, line, segments, at, cell)) continue
        breaks.push({ row, column, key: segment.key, expected, direction: line.direction, side, support })
      }
    }
  }
  return breaks
}

/** How often each formula occurs along a line. */
interface LineTally {
  readonly keys: ReadonlyMap<number, KeyTally>
  /** Cells that are not in the first or last segment. */
  readonly inside: number
}

interface KeyTally {
  cells: number
  inside: number
  segments: number
  shortest: number
  longest: number
}

function lineTally(segments: readonly LineSegment[]): LineTally {
  const keys = new Map<number, KeyTally>()
  let inside = 0
  segments.forEach((segment, at) => {
    const { size } = segment
    const tally = keys.get(segment.key) ?? { cells: 0, inside: 0, segments: 0, shortest: Infinity, longest: 0 }
    keys.set(segment.key, tally)
    tally.cells += size
    if (at === 0 || at === segments.length - 1) return
    inside += size
    tally.inside += size
    tally.segments++
    tally.shortest = Math.min(tally.shortest, size)
    tally.longest = Math.max(tally.longest, size)
  })
  return { keys, inside }
}

/** A formula that is interrupted again and again after the same number of cells is laid out so. */
function isPattern({ segments, shortest, longest }: KeyTally): boolean {
  return segments >= patternSegments && shortest === longest
}

/** A cell shown as a percentage between amounts, or the other way round, is another kind of row. */
function isOtherKind(
  { sheet }: ComparedSheet,
  line: FormulaLine,
  segments: readonly LineSegment[],
  at: number,
  cell: number,
): boolean {
  const kindAt = (position: number) => {
    const [row, column] = cellOnLine(line, position)
    return numberFormatKind(sheet.rows[row]?.[column]?.format)
  }
  const own = kindAt(cell)
  const beside = [segments[at - 1]?.end, segments[at + 1]?.start].flatMap((each) =>
    each === undefined ? [] : [kindAt(each)],
  )
  const [first] = beside
  return beside.every((kind) => kind === first) && own !== first && (own === 'percentage' || first === 'percentage')
}

/**
 * The formula that belongs in a segment by what stands on both sides, or, for a single cell at the end of a stretch, by
 * the run beside it when the two differ only in how far along the line they read, or in what they fix with `$`.
 */
function expectation(
  { index }: ComparedSheet,
  line: FormulaLine,
  segments: readonly LineSegment[],
  tally: LineTally,
  at: number,
): Pick<RunBreak, 'support' | 'expected' | 'side'> {
  if (at > 0 && at < segments.length - 1) {
    return { support: supportOf(segments, tally, at), expected: (segments[at - 1] as LineSegment).key, side: 'both' }
  }
  const segment = segments[at] as LineSegment
  const beside = segments[at === 0 ? 1 : at - 1]
  const own = index.uniques[segment.key]
  const like = index.uniques[beside?.key ?? -1]
  const none = { support: 0, expected: -1, side: 'both' } as const
  if (beside === undefined || own === undefined || like === undefined) return none
  if (segment.size > 1 || beside.size < leastBesideEnd) return none
  const skeleton = formulaSkeleton(own.expression)
  const matches = skeleton !== null && skeleton === formulaSkeleton(like.expression)
  const moved = offsetsAlong(own, line.direction) !== offsetsAlong(like, line.direction)
  const [row, column] = cellOnLine(line, segment.start)
  const fixed = dollarDifference(own, like, row, column)?.sameCells === true
  return (matches && moved) || fixed
    ? { support: beside.size, expected: beside.key, side: at === 0 ? 'behind' : 'before' }
    : none
}

/**
 * How many formulas agree against a segment: zero unless the same formula stands on both sides, outweighs it, and is
 * not interrupted so often along the line that the interruptions are a pattern of their own.
 */
function supportOf(segments: readonly LineSegment[], tally: LineTally, at: number): number {
  const before = segments[at - 1] as LineSegment
  const segment = segments[at] as LineSegment
  const after = segments[at + 1] as LineSegment
  if (before.key < 0 || before.key !== after.key) return 0
  const { size } = segment
  const beside = before.size + after.size
  if (beside < Math.max(leastSupport, 2 * size)) return 0
  const own = tally.keys.get(before.key)
  if (own === undefined || isPattern(own)) return 0
  const broken = tally.inside - own.inside
  return broken > own.cells * mostBrokenShare && broken > size ? 0 : own.cells
}

/** The same formula in other words, or a subtotal. */
function isAlike(compared: ComparedSheet, line: FormulaLine, segment: LineSegment, expected: number): boolean {
  const { index } = compared
  const own = index.uniques[segment.key]
  const like = index.uniques[expected]
  if (own === undefined || like === undefined) return false
  if (isSubtotal(compared, line, own, like, segment.start)) return true
  const shape = formulaShape(own.expression)
  return shape !== null && shape === formulaShape(like.expression)
}

/**
 * True when the cell belongs to a line of its own that crosses this one: most of the cells beside it, where formulas
 * stand before or behind, have the same formula, or are constants as it is. A row of another kind between rows of one
 * formula is a choice, not a slip; columns of constants beside it say nothing.
 */
function isOwnLine(
  grid: KeyGrid,
  line: FormulaLine,
  segments: readonly LineSegment[],
  at: number,
  cell: number,
): boolean {
  const { key, start, end } = segments[at] as LineSegment
  const keyAt = (along: number, by: number) => {
    const [row, column] = cellOnLine({ ...line, position: line.position + by }, along)
    return grid.at(row, column)
  }
  // A subtotal beside the cell was taken out of the line; what stands behind it counts.
  const before = keyAt(start - 1, 0) < 0 ? start - 1 : (segments[at - 1]?.end ?? start - 1)
  const after = keyAt(end + 1, 0) < 0 ? end + 1 : (segments[at + 1]?.start ?? end + 1)
  let like = 1
  let filled = 1
  for (const step of [-1, 1]) {
    let joined = true
    for (let by = step; Math.abs(by) <= widestLine && line.position + by >= 0; by += step) {
      const other = keyAt(cell, by)
      if (other < numberKey) break
      if (key === numberKey && keyAt(before, by) < 0 && keyAt(after, by) < 0) continue
      filled++
      joined &&= other === key
      if (joined) like++
    }
  }
  return like >= 2 && like * 2 >= filled
}
