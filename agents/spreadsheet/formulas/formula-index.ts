import type { Cell, Workbook } from '../workbook.ts'
import { type ParsedFormula, formulaParser } from './formula-parser.ts'

/** One distinct R1C1 formula and the formulas that are copies of it, as positions in the index. */
export interface UniqueFormula extends ParsedFormula {
  readonly id: number
  /** The formula as its first cell writes it. */
  readonly example: string
  readonly cells: Uint32Array
}

/** A formula that could not be parsed. */
export interface UnparseableFormula {
  readonly formula: number
  readonly text: string
  readonly problem: string
}

/**
 * Every formula cell of a workbook by number, in the order of sheets, rows and columns. Position `f` of each array
 * belongs to formula `f`.
 */
export interface FormulaIndex {
  readonly count: number
  readonly sheet: Uint32Array
  readonly row: Uint32Array
  readonly column: Uint32Array
  /** The cell that relative references count from: the formula's own, or the first one of its array. */
  readonly baseRow: Uint32Array
  readonly baseColumn: Uint32Array
  /** The unique formula each is a copy of. */
  readonly unique: Uint32Array
  readonly uniques: readonly UniqueFormula[]
  /** The formulas of sheet `s` are `sheetStart[s]` up to, not including, `sheetStart[s + 1]`. */
  readonly sheetStart: Uint32Array
  /** Unique formulas by function in upper case. */
  readonly functions: ReadonlyMap<string, readonly UniqueFormula[]>
  /** Unique formulas by defined name in lower case. */
  readonly names: ReadonlyMap<string, readonly UniqueFormula[]>
  readonly unparseable: readonly UnparseableFormula[]
}

interface Draft {
  readonly parsed: ParsedFormula
  readonly id: number
  readonly example: string
  count: number
}

/** Finds and parses all formulas of a workbook, each distinct one once, at most `distinct` of these. */
export const indexFormulas = (workbook: Workbook, distinct?: number): FormulaIndex => {
  const columns = emptyColumns(workbook)
  const { sheet, row, column, baseRow, baseColumn, unique, sheetStart } = columns
  const parse = formulaParser(distinct)
  const drafts = new Map<ParsedFormula, Draft>()
  const unparseable: UnparseableFormula[] = []
  let count = 0
  workbook.sheets.forEach((current, s) => {
    sheetStart[s] = count
    current.rows.forEach((cells, r) => {
      cells?.forEach((cell, c) => {
        const text = cell?.formula
        if (cell === undefined || text === undefined) return
        const top = cell.array?.top ?? r
        const left = cell.array?.left ?? c
        const parsed = parse(text, top, left)
        let draft = drafts.get(parsed)
        if (draft === undefined) {
          draft = { parsed, id: drafts.size, example: text, count: 0 }
          drafts.set(parsed, draft)
        }
        draft.count += 1
        if (parsed.problem !== null) unparseable.push({ formula: count, text, problem: parsed.problem })
        sheet[count] = s
        row[count] = r
        column[count] = c
        baseRow[count] = top
        baseColumn[count] = left
        unique[count] = draft.id
        count += 1
      })
    })
  })
  sheetStart[workbook.sheets.length] = count
  const uniques = uniquesOf([...drafts.values()], unique, count)
  return {
    count,
    ...columns,
    uniques,
    functions: groupBy(uniques, (one) => one.functions),
    names: groupBy(uniques, (one) => one.names.map((name) => name.toLowerCase())),
    unparseable,
  }
}

const emptyColumns = (workbook: Workbook) => {
  let size = 0
  for (const { rows } of workbook.sheets) {
    for (const cells of rows) {
      if (cells !== undefined) for (const cell of cells) if (cell?.formula !== undefined) size += 1
    }
  }
  return {
    sheet: new Uint32Array(size),
    row: new Uint32Array(size),
    column: new Uint32Array(size),
    baseRow: new Uint32Array(size),
    baseColumn: new Uint32Array(size),
    unique: new Uint32Array(size),
    sheetStart: new Uint32Array(workbook.sheets.length + 1),
  }
}

const uniquesOf = (drafts: readonly Draft[], unique: Uint32Array, count: number): UniqueFormula[] => {
  // All in one buffer: where every formula is different, a buffer for each would take more than the formulas.
  const buffer = new Uint32Array(count)
  let begin = 0
  const cells = drafts.map((draft) => buffer.subarray(begin, (begin += draft.count)))
  const filled = new Uint32Array(drafts.length)
  for (let formula = 0; formula < count; formula += 1) {
    const id = unique[formula] ?? 0
    const at = filled[id] ?? 0
    const own = cells[id]
    if (own !== undefined) own[at] = formula
    filled[id] = at + 1
  }
  return drafts.map(({ parsed, id, example }, at) => ({
    ...parsed,
    id,
    example,
    cells: cells[at] ?? new Uint32Array(),
  }))
}

const groupBy = (
  uniques: readonly UniqueFormula[],
  keysOf: (one: UniqueFormula) => readonly string[],
): Map<string, UniqueFormula[]> => {
  const groups = new Map<string, UniqueFormula[]>()
  for (const one of uniques) {
    for (const key of keysOf(one)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [one])
      else group.push(one)
    }
  }
  return groups
}

/** All formulas that use a function, in index order. */
export const formulasUsing = (index: FormulaIndex, name: string): number[] =>
  (index.functions.get(name.toUpperCase()) ?? []).flatMap((one) => [...one.cells]).sort((a, b) => a - b)

/** The number of the formula in a cell, or -1. */
export const formulaAt = (index: FormulaIndex, sheet: number, row: number, column: number): number => {
  let low = index.sheetStart[sheet] ?? index.count
  let high = (index.sheetStart[sheet + 1] ?? index.count) - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const difference = (index.row[middle] ?? 0) - row || (index.column[middle] ?? 0) - column
    if (difference === 0) return middle
    if (difference < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** The workbook's cell of a formula. */
export const formulaCell = (workbook: Workbook, index: FormulaIndex, formula: number): Cell | undefined =>
  workbook.sheets[index.sheet[formula] ?? 0]?.rows[index.row[formula] ?? 0]?.[index.column[formula] ?? 0]
