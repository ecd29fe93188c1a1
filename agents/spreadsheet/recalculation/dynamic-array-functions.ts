import { matrixOf, numberOf, scalarOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, arrays } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Matrix,
  type Scalar,
  UnsupportedFormula,
  errors,
  isError,
  matrix,
} from './formula-value.ts'
import { compareScalars, toBoolean } from './value-coercion.ts'

const many = 255

const largest = 1_000_000

const rowsOf = (source: Matrix): Scalar[][] =>
  Array.from({ length: source.rows }, (_, row) => source.values.slice(row * source.columns, (row + 1) * source.columns))

const fromRows = (rows: readonly (readonly Scalar[])[]): Matrix =>
  matrix(rows.length, rows[0]?.length ?? 0, rows.flat())

const turned = (source: Matrix): Matrix =>
  fromRows(
    Array.from({ length: source.columns }, (_, column) =>
      Array.from({ length: source.rows }, (_unused, row) => source.values[row * source.columns + column] ?? null),
    ),
  )

/** Sorted the way of the spreadsheet: blanks last in either direction. */
const compareIn = (one: Scalar, other: Scalar, direction: number): number => {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  const order = compareScalars(one, other)
  return typeof order === 'number' ? order * direction : Number(isError(one)) - Number(isError(other))
}

/** The values that an array function moves about; it touches each several times, also those read before. */
const sourceOf = (value: FormulaValue, evaluation: Evaluation): Matrix => {
  const source = matrixOf(value, evaluation)
  evaluation.cells.spend(source.values.length * 4)
  return source
}

const optional = (value: FormulaValue | undefined, fallback: number, evaluation: Evaluation): number | FormulaError =>
  value === undefined || value === null ? fallback : numberOf(value, evaluation)

const flag = (value: FormulaValue | undefined, evaluation: Evaluation): boolean =>
  value !== undefined && toBoolean(scalarOf(value, evaluation)) === true

const keyOfRow = (row: readonly Scalar[]): string =>
  JSON.stringify(row.map((value) => (typeof value === 'string' ? value.toLowerCase() : value)))

const lettersIn = ({ values }: Matrix): number =>
  values.reduce<number>((sum, one) => sum + (typeof one === 'string' ? one.length : 0), 0)

const unique = (source: Matrix, onlyOnce: boolean): Matrix | FormulaError => {
  const counts = new Map<string, number>()
  const rows = rowsOf(source)
  const keys = rows.map(keyOfRow)
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  const seen = new Set<string>()
  const kept = rows.filter((_, at) => {
    const key = keys[at] ?? ''
    if (seen.has(key) || (onlyOnce && counts.get(key) !== 1)) return false
    seen.add(key)
    return true
  })
  return kept.length === 0 ? errors.value : fromRows(kept)
}

const filtered = (source: Matrix, test: Matrix): Matrix | FormulaError | null => {
  const isByRow = test.columns === 1 && test.rows === source.rows
  if (!isByRow && !(test.rows === 1 && test.columns === source.columns)) return errors.value
  const kept: Scalar[][] = []
  const lines = rowsOf(isByRow ? source : turned(source))
  for (const [at, line] of lines.entries()) {
    const holds = toBoolean(test.values[at] ?? null)
    if (typeof holds !== 'boolean') return holds
    if (holds) kept.push(line)
  }
  if (kept.length === 0) return null
  return isByRow ? fromRows(kept) : turned(fromRows(kept))
}

/** Rows from the start, or with a negative count from the end. */
const taken = (rows: readonly Scalar[][], count: number): Scalar[][] =>
  count >= 0 ? rows.slice(0, count) : rows.slice(count)

const dropped = (rows: readonly Scalar[][], count: number): Scalar[][] =>
  count >= 0 ? rows.slice(count) : rows.slice(0, count)

const cutting = (cut: (rows: readonly Scalar[][], count: number) => Scalar[][], everything: number) =>
  arrays(2, 3, ([value = null, rowCount, columnCount], evaluation) => {
    const rows = optional(rowCount, everything, evaluation)
    const columns = optional(columnCount, everything, evaluation)
    if (typeof rows !== 'number') return rows
    if (typeof columns !== 'number') return columns
    const tall = cut(rowsOf(sourceOf(value, evaluation)), Math.trunc(rows))
    if (tall.length === 0) return errors.value
    const wide = cut(rowsOf(turned(fromRows(tall))), Math.trunc(columns))
    return wide.length === 0 ? errors.value : turned(fromRows(wide))
  })

const stacked = (sources: readonly Matrix[], evaluation: Evaluation): Matrix => {
  const columns = Math.max(...sources.map((one) => one.columns))
  reserve(columns * sources.reduce((sum, one) => sum + one.rows, 0), evaluation)
  const padded = sources
    .flatMap(rowsOf)
    .map((row) =>
      Array.from({ length: columns }, (_, at) => (at < row.length ? (row[at] ?? null) : errors.notAvailable)),
    )
  return fromRows(padded)
}

/** Makes sure of the size of a result before it is built. */
const reserve = (size: number, { cells }: Evaluation): void => {
  if (size > largest) throw new UnsupportedFormula(`array of more than ${largest} values`)
  cells.spend(size * 4)
}

const chosen = (isRow: boolean) =>
  arrays(2, many, ([value = null, ...which], evaluation) => {
    const source = sourceOf(value, evaluation)
    const lines = rowsOf(isRow ? source : turned(source))
    const picked: Scalar[][] = []
    const places = which.flatMap((each) => [...sourceOf(each, evaluation).values])
    reserve(places.length * (lines[0]?.length ?? 0), evaluation)
    for (const one of places) {
      const number = numberOf(one, evaluation)
      if (typeof number !== 'number') return number
      const line = lines[number < 0 ? lines.length + number : number - 1]
      if (line === undefined) return errors.value
      picked.push(line)
    }
    return isRow ? fromRows(picked) : turned(fromRows(picked))
  })

/** Functions whose result is an array of a size of its own. */
export const dynamicArrayFunctions: FunctionTable = {
  SEQUENCE: arrays(1, 4, ([rowCount, columnCount, start, step], evaluation) => {
    const numbers = [rowCount, columnCount, start, step].map((one) => optional(one, 1, evaluation))
    const problem = numbers.find((one) => typeof one !== 'number')
    if (problem !== undefined) return problem
    const [rows = 1, columns = 1, first = 1, by = 1] = numbers.map(Number)
    if (rows < 1 || columns < 1) return errors.value
    reserve(rows * columns, evaluation)
    const values = Array.from({ length: Math.trunc(rows) * Math.trunc(columns) }, (_, at) => first + at * by)
    return matrix(Math.trunc(rows), Math.trunc(columns), values)
  }),
  UNIQUE: arrays(1, 3, ([value = null, byColumn, onlyOnce], evaluation) => {
    const source = sourceOf(value, evaluation)
    evaluation.cells.spend(source.values.length * 16 + lettersIn(source) / 8)
    if (!flag(byColumn, evaluation)) return unique(source, flag(onlyOnce, evaluation))
    const found = unique(turned(source), flag(onlyOnce, evaluation))
    return isError(found) ? found : turned(found)
  }),
  FILTER: arrays(2, 3, ([value = null, test = null, otherwise], evaluation) => {
    const found = filtered(sourceOf(value, evaluation), sourceOf(test, evaluation))
    if (found !== null) return found
    if (otherwise === undefined) throw new UnsupportedFormula('FILTER that finds nothing')
    return otherwise
  }),
  SORT: arrays(1, 4, ([value = null, which, order, byColumn], evaluation) => {
    const isByColumn = flag(byColumn, evaluation)
    const source = isByColumn ? turned(sourceOf(value, evaluation)) : sourceOf(value, evaluation)
    const at = optional(which, 1, evaluation)
    const direction = optional(order, 1, evaluation)
    if (typeof at !== 'number') return at
    if (typeof direction !== 'number') return direction
    if (at < 1 || at > source.columns || Math.abs(direction) !== 1) return errors.value
    evaluation.cells.spend(source.values.length * 16)
    const rows = rowsOf(source).sort((a, b) => compareIn(a[at - 1] ?? null, b[at - 1] ?? null, direction))
    return isByColumn ? turned(fromRows(rows)) : fromRows(rows)
  }),
  SORTBY: arrays(2, many, ([value = null, ...pairs], evaluation) => {
    const rows = rowsOf(sourceOf(value, evaluation))
    const keys: { values: readonly Scalar[]; direction: number }[] = []
    for (let at = 0; at < pairs.length; at += 2) {
      const direction = optional(pairs[at + 1], 1, evaluation)
      const { values } = sourceOf(pairs[at] ?? null, evaluation)
      if (typeof direction !== 'number') return direction
      if (values.length !== rows.length) return errors.value
      keys.push({ values, direction })
    }
    evaluation.cells.spend(rows.length * 16)
    const compare = (one: number, other: number): number => {
      for (const { values, direction } of keys) {
        const order = compareIn(values[one] ?? null, values[other] ?? null, direction)
        if (order !== 0) return order
      }
      return one - other
    }
    return fromRows([...rows.keys()].sort(compare).map((at) => rows[at] ?? []))
  }),
  TAKE: cutting(taken, largest),
  DROP: cutting(dropped, 0),
  CHOOSEROWS: chosen(true),
  CHOOSECOLS: chosen(false),
  VSTACK: arrays(1, many, (values, evaluation) =>
    stacked(
      values.map((one) => sourceOf(one, evaluation)),
      evaluation,
    ),
  ),
  HSTACK: arrays(1, many, (values, evaluation) =>
    turned(
      stacked(
        values.map((one) => turned(sourceOf(one, evaluation))),
        evaluation,
      ),
    ),
  ),
  TOCOL: arrays(1, 1, ([value = null], evaluation) => {
    const { values } = sourceOf(value, evaluation)
    return matrix(values.length, 1, values)
  }),
  TOROW: arrays(1, 1, ([value = null], evaluation) => {
    const { values } = sourceOf(value, evaluation)
    return matrix(1, values.length, values)
  }),
}
