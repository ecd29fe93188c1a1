import type { Cell, Sheet } from '../workbook.ts'
import { numericText } from './numeric-text.ts'
import { type PersonalDataKind, personalHeader, personalValue } from './personal-data.ts'
import { isFilled } from './sheet-block.ts'
import type { DetectedTable } from './table-detection.ts'
import { type ValuePattern, valuePattern } from './value-pattern.ts'

const distinctLimit = 100_000
const personalShare = 0.5

/** What the values of one table column are like. Shares are between 0 and 1. */
export interface ColumnProfile {
  readonly header: string
  /** Position on the sheet, from zero. */
  readonly column: number
  readonly type: 'number' | 'text' | 'boolean' | 'mixed' | 'empty'
  readonly pattern: ValuePattern
  readonly values: number
  readonly formulas: number
  readonly errors: number
  readonly numbersAsText: number
  /** Filled cells among all rows of the body. */
  readonly completeness: number
  /** Distinct values among the filled ones (among the first 100 000 distinct ones of a longer column). */
  readonly uniqueness: number
  /** The share of the most frequent type among the filled cells; an error is of no type. */
  readonly consistency: number
  readonly personal: PersonalDataKind | null
}

interface Tally {
  readonly types: Map<string, number>
  readonly patterns: Map<ValuePattern, number>
  readonly personal: Map<PersonalDataKind, number>
  readonly distinct: Set<string | number | boolean>
  seen: number
  values: number
  formulas: number
  errors: number
  numbersAsText: number
}

/** Profiles each column of a table's body. */
export function profileColumns(sheet: Sheet, table: DetectedTable): ColumnProfile[] {
  const profiles: ColumnProfile[] = []
  for (let column = table.body.left; column <= table.body.right; column++) {
    const tally = tallyColumn(sheet, table, column)
    profiles.push(profileOf(tally, table, column))
  }
  return profiles
}

function tallyColumn(sheet: Sheet, table: DetectedTable, column: number): Tally {
  const tally: Tally = {
    types: new Map(),
    patterns: new Map(),
    personal: new Map(),
    distinct: new Set(),
    seen: 0,
    values: 0,
    formulas: 0,
    errors: 0,
    numbersAsText: 0,
  }
  for (let row = table.body.top; row <= table.body.bottom; row++) {
    const cell = sheet.rows[row]?.[column]
    if (isFilled(cell)) count(tally, cell)
  }
  return tally
}

function count(tally: Tally, cell: Cell): void {
  tally.values++
  if (cell.formula !== undefined) tally.formulas++
  const pattern = valuePattern(cell)
  increment(tally.patterns, pattern)
  if (cell.type === 'error') {
    tally.errors++
    return
  }
  increment(tally.types, cell.type)
  if (cell.value !== null && tally.distinct.size < distinctLimit) {
    tally.seen++
    tally.distinct.add(cell.value)
  }
  if (cell.type !== 'text') return
  const text = String(cell.value)
  if (cell.formula === undefined && numericText(text) !== null) tally.numbersAsText++
  const personal = pattern === 'email' ? 'e-mail' : pattern === 'phone' ? 'phone' : personalValue(text)
  if (personal !== null) increment(tally.personal, personal)
}

function profileOf(tally: Tally, table: DetectedTable, column: number): ColumnProfile {
  const header = table.headers[column - table.body.left] ?? ''
  const height = table.body.bottom - table.body.top + 1
  const [type, most] = largest(tally.types) ?? ['empty', 0]
  const typed = [...tally.types.values()].reduce((sum, each) => sum + each, 0)
  return {
    header,
    column,
    type: typed > 0 && most / typed < 0.8 ? 'mixed' : (type as ColumnProfile['type']),
    pattern: columnPattern(tally, header),
    values: tally.values,
    formulas: tally.formulas,
    errors: tally.errors,
    numbersAsText: tally.numbersAsText,
    completeness: share(tally.values, height),
    uniqueness: share(tally.distinct.size, tally.seen),
    consistency: tally.values === 0 ? 1 : share(most, tally.values),
    personal: personalOf(tally, header),
  }
}

const idHeader =
  /(?:^|[\s_\-#])(?:id|ids|code|codes|key|sku|uuid|guid|no|nr|number|account|invoice|reference)\.?(?:$|[\s_\-#])/i

/** The pattern of most values; whole numbers or codes that never repeat under an identifier's header are ids. */
function columnPattern(tally: Tally, header: string): ValuePattern {
  const [pattern, most] = largest(tally.patterns) ?? ['empty' as const, 0]
  const words = ` ${header.replace(/([a-z])([A-Z])/g, '$1 $2')} `
  const unique = tally.distinct.size === tally.seen && tally.seen > 1
  if (pattern === 'integer' && unique && tally.formulas === 0 && idHeader.test(words)) return 'id'
  if (most * 2 >= tally.values) return pattern
  const numbers = (tally.patterns.get('integer') ?? 0) + (tally.patterns.get('number') ?? 0)
  return numbers * 2 >= tally.values && numbers > 0 ? 'number' : 'text'
}

function personalOf(tally: Tally, header: string): PersonalDataKind | null {
  const byValue = largest(tally.personal)
  if (byValue !== null && byValue[1] >= tally.values * personalShare) return byValue[0]
  const announced = personalHeader(header)
  return announced !== null && tally.values > tally.errors + tally.formulas ? announced : null
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function largest<Key>(counts: ReadonlyMap<Key, number>): [Key, number] | null {
  let found: [Key, number] | null = null
  for (const entry of counts) if (found === null || entry[1] > found[1]) found = entry
  return found
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
}
