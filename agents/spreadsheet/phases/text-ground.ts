import { shortText } from '../findings/formula-place.ts'
import { parseRange } from '../formulas/cell-reference.ts'
import type { CellRange, Sheet, Workbook } from '../workbook.ts'
import type { WorkbookFacts } from './workbook-facts.ts'
import { mayBeLabel, plainQuoted, type TextGround } from './claims/claim-text.ts'

// What digests show of a text.
const SHOWN = 60

/** What a sentence about one sheet may name: the texts of its cells, the names of sheets, the cells of its used range. */
export function sheetGround(workbook: Workbook, sheet: Sheet): TextGround {
  let texts: ReadonlySet<string> | null = null
  return {
    names: namesWithDigits([...workbook.sheets, ...workbook.names]),
    // Few sentences quote anything: the texts are gathered for the first that does.
    isText: (text) => (texts ??= textSet(textsOn(workbook, sheet))).has(text),
    isCell: (reference) => isWithin(reference, sheet.used),
  }
}

/** The same for a sentence about the whole workbook, from its facts: what the digests show, any sheet's cells. */
export function workbookGround(facts: Pick<WorkbookFacts, 'sheets' | 'names' | 'digests'>): TextGround {
  let texts: ReadonlySet<string> | null = null
  const used = facts.sheets.flatMap((sheet) => (sheet.used === null ? [] : [parseRange(sheet.used)]))
  return {
    names: namesWithDigits([...facts.sheets, ...facts.names]),
    isText: (text) => (texts ??= textSet(textsIn(facts))).has(text),
    isCell: (reference) => used.some((range) => isWithin(reference, range)),
  }
}

function* textsOn({ sheets, names }: Workbook, sheet: Sheet): Generator<string> {
  for (const { name } of sheets) yield name
  for (const { name } of names) yield name
  for (const row of sheet.rows) for (const cell of row ?? []) if (typeof cell?.value === 'string') yield cell.value
}

function* textsIn({ sheets, names, digests }: Pick<WorkbookFacts, 'sheets' | 'names' | 'digests'>): Generator<string> {
  for (const { name } of sheets) yield name
  for (const { name } of names) yield name
  for (const { tables, totals, samples } of digests) {
    for (const { label } of totals) yield label
    for (const { value } of samples) if (typeof value === 'string') yield value
    for (const { name, columns } of tables) {
      if (name !== null) yield name
      for (const { header } of columns) yield header
    }
  }
}

/** The longest first, so that no part of one is taken for another. */
function namesWithDigits(named: readonly { readonly name: string }[]): readonly string[] {
  const names = named.map(({ name }) => name).filter((name) => /\d/.test(name) && /\p{L}/u.test(name))
  return names.sort((one, other) => other.length - one.length)
}

function textSet(texts: Iterable<string>): ReadonlySet<string> {
  const set = new Set<string>()
  for (const text of texts) {
    // A number that a cell keeps as a text is a number all the same.
    if (!/\p{L}/u.test(text) && !mayBeLabel(text)) continue
    set.add(plainQuoted(text)).add(plainQuoted(shortText(text.trim(), SHOWN)))
    for (const word of text.split(/[^\p{L}\p{N}_]+/u)) if (mayBeLabel(word)) set.add(word)
  }
  return set
}

function isWithin(reference: string, used: CellRange | null): boolean {
  if (used === null) return false
  const range = parseRange(reference)
  if (range === null) return false
  return range.top <= used.bottom && used.top <= range.bottom && range.left <= used.right && used.left <= range.right
}
