import type { SheetArea } from '../formulas/workbook-names.ts'
import { mapValues, matrixOf, operandOf } from './argument-values.ts'
import { type Criterion, criterionOf } from './criterion.ts'
import { type Evaluation, type FunctionTable, onlyArea, range } from './evaluation.ts'
import {
  type FormulaValue,
  type Matrix,
  type Scalar,
  errors,
  finite,
  isError,
  isMatrix,
  rangeColumns,
  rangeRows,
} from './formula-value.ts'

const many = 255

/** A range with its condition. */
interface Condition {
  readonly area: SheetArea
  readonly criterion: Criterion
}

/** Operations taken before they are counted, so that the limit stops a long search in time. */
const effortAtOnce = 100_000

/** The places (counted row by row) where all conditions hold, and how many blanks beyond the used cells do. */
const matchingPlaces = (
  conditions: readonly Condition[],
  evaluation: Evaluation,
): { places: number[]; beyond: number } => {
  const [first] = conditions
  if (first === undefined) return { places: [], beyond: 0 }
  const { cells, memory } = evaluation
  const indexed = conditions.find(({ criterion }) => criterion.keys !== null)
  const others = conditions.filter((one) => one !== indexed)
  const sources = others.map(({ area, criterion }) => ({ criterion, values: memory.values(area, cells).values }))
  let candidates: Iterable<number>
  if (indexed === undefined) candidates = (sources[0]?.values ?? []).keys()
  else {
    const positions = memory.positions(cells.bounded(indexed.area), cells)
    const found = (indexed.criterion.keys ?? []).map((key) => positions.get(key) ?? [])
    candidates = found.length === 1 ? (found[0] ?? []) : found.flat().sort((a, b) => a - b)
  }
  const places: number[] = []
  let effort = 0
  for (const place of candidates) {
    effort += sources.length + 1
    for (const { criterion, values } of sources) effort += criterion.cost(values[place] ?? null)
    if (effort > effortAtOnce) {
      cells.spend(effort)
      effort = 0
    }
    if (sources.every(({ criterion, values }) => criterion.matches(values[place] ?? null))) places.push(place)
  }
  cells.spend(effort)
  const bounded = cells.bounded(first.area)
  const rest = rangeRows(first.area) * rangeColumns(first.area) - rangeRows(bounded) * rangeColumns(bounded)
  const isBlankMatch = rest > 0 && conditions.every(({ criterion }) => criterion.matches(null))
  return { places, beyond: isBlankMatch ? rest : 0 }
}

/** Computes once for each value of an array of criteria, once in all when every criterion is a single value. */
const forEachCriterion = (
  criteria: readonly FormulaValue[],
  evaluation: Evaluation,
  compute: (criteria: readonly Scalar[]) => Scalar,
): Scalar | Matrix =>
  mapValues(
    criteria.map((one) => operandOf(one, evaluation)),
    compute,
    evaluation,
  )

const areaOf = (value: FormulaValue): SheetArea | null => onlyArea(value)

const sameShape = (one: SheetArea, other: SheetArea): boolean =>
  rangeRows(one) === rangeRows(other) && rangeColumns(one) === rangeColumns(other)

const summarize = (target: SheetArea, places: readonly number[], evaluation: Evaluation, summary: Summary): Scalar => {
  const numbers: number[] = []
  const columns = rangeColumns(target)
  for (const place of places) {
    const row = target.top + Math.floor(place / columns)
    const value = evaluation.cells.read(target.sheet, row, target.left + (place % columns))
    if (isError(value)) return value
    if (typeof value === 'number') numbers.push(value)
  }
  return summary(numbers)
}

type Summary = (numbers: readonly number[]) => Scalar

const sum: Summary = (numbers) => finite(numbers.reduce((total, one) => total + one, 0))
const average: Summary = (numbers) =>
  numbers.length === 0 ? errors.division : finite(Number(sum(numbers)) / numbers.length)
const least: Summary = (numbers) => numbers.reduce((best, one) => Math.min(best, one), numbers[0] ?? 0)
const greatest: Summary = (numbers) => numbers.reduce((best, one) => Math.max(best, one), numbers[0] ?? 0)

/** SUMIF(range, criterion, [target]): the target takes the shape of the range from its own first cell. */
const onOne = (summary: Summary) =>
  range(2, 3, ([tested = null, condition = null, other], evaluation) => {
    const area = areaOf(tested)
    if (area === null) return isError(tested) ? tested : errors.value
    const start = other === undefined ? area : areaOf(other)
    if (start === null) return other !== undefined && isError(other) ? other : errors.value
    const target = {
      ...start,
      bottom: start.top + area.bottom - area.top,
      right: start.left + area.right - area.left,
    }
    return forEachCriterion([condition], evaluation, ([one = null]) => {
      const criterion = criterionOf(one, evaluation.date1904)
      return summarize(
        shaped(target, area, evaluation),
        matchingPlaces([{ area, criterion }], evaluation).places,
        evaluation,
        summary,
      )
    })
  })

// Places are counted in the range without its unused end, so the target has to be as narrow.
const shaped = (target: SheetArea, like: SheetArea, evaluation: Evaluation): SheetArea => {
  const bounded = evaluation.cells.bounded(like)
  return { ...target, right: target.left + bounded.right - bounded.left }
}

/** SUMIFS(target, range, criterion, ...). */
const onMany = (summary: Summary) =>
  range(3, many, ([first = null, ...pairs], evaluation) => {
    const target = areaOf(first)
    if (target === null) return isError(first) ? first : errors.value
    const areas = pairs.filter((_, at) => at % 2 === 0).map(areaOf)
    const criteria = pairs.filter((_, at) => at % 2 === 1)
    if (areas.length !== criteria.length) return errors.value
    if (areas.some((area) => area === null || !sameShape(area, target))) return errors.value
    return forEachCriterion(criteria, evaluation, (values) => {
      const { places } = matchingPlaces(conditionsOf(areas, values, evaluation), evaluation)
      return summarize(shaped(target, target, evaluation), places, evaluation, summary)
    })
  })

const conditionsOf = (
  areas: readonly (SheetArea | null)[],
  values: readonly Scalar[],
  evaluation: Evaluation,
): Condition[] =>
  areas.flatMap((area, at) =>
    area === null ? [] : [{ area, criterion: criterionOf(values[at] ?? null, evaluation.date1904) }],
  )

const countMatches = (pairs: readonly FormulaValue[], evaluation: Evaluation): FormulaValue => {
  const areas = pairs.filter((_, at) => at % 2 === 0).map(areaOf)
  const criteria = pairs.filter((_, at) => at % 2 === 1)
  const [first] = areas
  if (first === undefined || first === null || areas.length !== criteria.length) return errors.value
  if (areas.some((area) => area === null || !sameShape(area, first))) return errors.value
  return forEachCriterion(criteria, evaluation, (values) => {
    const { places, beyond } = matchingPlaces(conditionsOf(areas, values, evaluation), evaluation)
    return places.length + beyond
  })
}

/** The sums, counts and means of what meets a condition. */
export const criteriaFunctions: FunctionTable = {
  COUNTIF: range(2, 2, ([tested = null, condition = null], evaluation) => {
    const areas = typeof tested === 'object' && tested !== null && tested.kind === 'areas' ? tested.areas : []
    if (areas.length < 2) return countMatches([tested, condition], evaluation)
    const counts = areas.map((area) => countMatches([{ kind: 'areas', areas: [area] }, condition], evaluation))
    const numbers = counts.map((one) => (isMatrix(one) ? matrixOf(one, evaluation).values[0] : one))
    return numbers.reduce<number>((total, one) => total + Number(one), 0)
  }),
  COUNTIFS: range(2, many, countMatches),
  SUMIF: onOne(sum),
  AVERAGEIF: onOne(average),
  SUMIFS: onMany(sum),
  AVERAGEIFS: onMany(average),
  MINIFS: onMany(least),
  MAXIFS: onMany(greatest),
}
