import type { Scalar } from './formula-value.ts'

/** What a call costs, in operations, from the values of its arguments. */
type CostRule = (values: readonly number[]) => number

/**
 * What one call of the library may cost. Its loops run over the values of arguments and know no limit: `POISSON` of a
 * billion adds up a billion terms, and `BINOM.INV` asks for a whole distribution at each.
 */
export const dearestCall = 20_000_000

const at = (values: readonly number[], place: number): number => Math.abs(values[place] ?? 0)

const perTurn =
  (place: number, turn: number): CostRule =>
  (values) =>
    at(values, place) * turn

/** The series of the incomplete gamma function takes more terms the larger its parameter. */
const gammaSeries = (place: number): CostRule => perTurn(place, 2)
/** The inverse sums the series at a dozen places. */
const gammaInverse = (place: number): CostRule => perTurn(place, 24)

/** The library computes factorials by recursion, as deep as the stack is at most. */
const deepest = 20_000
const factorials: CostRule = (values) =>
  values.reduce((sum, one) => sum + (one < 0 ? deepest : Math.min(one, deepest)), 0)

const hypergeometric: CostRule = (values) => at(values, 0) * 64 + factorials(values)
const negativeBinomial = perTurn(0, 32)
const poisson = perTurn(0, 16)
const binomial: CostRule = (values) => Math.sqrt(at(values, 1)) * 8
const binomialInverse: CostRule = (values) => at(values, 0) * (64 + Math.sqrt(at(values, 0)) * 8)
const perPeriod: CostRule = (values) => Math.max(at(values, 3), at(values, 4)) * 16
/** Digits to fill up to: the text may not be longer than a cell holds. */
const digits = perTurn(1, 1_000)

const rules: Readonly<Record<string, CostRule>> = {
  CUMIPMT: perPeriod,
  CUMPRINC: perPeriod,
  POISSON: poisson,
  'POISSON.DIST': poisson,
  NEGBINOMDIST: negativeBinomial,
  'NEGBINOM.DIST': negativeBinomial,
  HYPGEOMDIST: hypergeometric,
  'HYPGEOM.DIST': hypergeometric,
  BINOMDIST: binomial,
  'BINOM.DIST': binomial,
  CRITBINOM: binomialInverse,
  'BINOM.INV': binomialInverse,
  GAMMADIST: gammaSeries(1),
  'GAMMA.DIST': gammaSeries(1),
  GAMMAINV: gammaInverse(1),
  'GAMMA.INV': gammaInverse(1),
  CHIDIST: gammaSeries(1),
  'CHISQ.DIST': gammaSeries(1),
  'CHISQ.DIST.RT': gammaSeries(1),
  CHIINV: gammaInverse(1),
  'CHISQ.INV': gammaInverse(1),
  'CHISQ.INV.RT': gammaInverse(1),
  COMBINA: factorials,
  PERMUT: factorials,
  FACTDOUBLE: factorials,
  MULTINOMIAL: factorials,
  ROMAN: perTurn(0, 1),
  BIN2HEX: digits,
  BIN2OCT: digits,
  DEC2BIN: digits,
  DEC2HEX: digits,
  DEC2OCT: digits,
  HEX2BIN: digits,
  HEX2OCT: digits,
  OCT2BIN: digits,
  OCT2HEX: digits,
}

/** The operations that a call of a library function of single values takes beyond a constant. */
export const scalarCallCost = (name: string, values: readonly Scalar[]): number => {
  const cost = rules[name]?.(values.map((value) => Number(value ?? 0))) ?? 0
  return Number.isNaN(cost) ? 0 : Math.ceil(cost)
}

/** The same for a function of a list of values; those that look for distinct values compare each with each. */
export const listCallCost = (name: string, length: number): number =>
  name.startsWith('PERCENTRANK') ? Math.ceil((length * length) / 4) + length * 16 : length * 16
