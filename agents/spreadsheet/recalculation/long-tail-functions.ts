import { matrixOf, scalarOf } from './argument-values.ts'
import { type Evaluation, type FormulaFunction, range, scalar } from './evaluation.ts'
import {
  type FormulaValue,
  type Scalar,
  UnsupportedFormula,
  errorOf,
  errors,
  finite,
  isError,
} from './formula-value.ts'
import { dearestCall, listCallCost, scalarCallCost } from './library-cost.ts'

/**
 * Rarer functions come from a library that is loaded only for workbooks that use them. It is lenient where spreadsheet
 * programs are not, so only functions known to agree are taken, and numbers and errors only.
 */

const ofNumbers = `ACOSH ACOT ACOTH ASINH ATANH COT COTH CSC CSCH SEC SECH SQRTPI FACTDOUBLE COMBINA PERMUT PERMUTATIONA
MULTINOMIAL BITAND BITOR BITXOR BITLSHIFT BITRSHIFT DELTA GESTEP
NORMDIST NORM.DIST NORMINV NORM.INV NORMSDIST NORM.S.DIST NORMSINV NORM.S.INV LOGNORMDIST LOGNORM.DIST LOGINV LOGNORM.INV
TDIST T.DIST.2T T.DIST.RT TINV T.INV T.INV.2T CHIDIST CHISQ.DIST CHISQ.DIST.RT CHIINV CHISQ.INV CHISQ.INV.RT
FDIST F.DIST F.DIST.RT FINV F.INV F.INV.RT BINOMDIST BINOM.DIST CRITBINOM BINOM.INV NEGBINOMDIST NEGBINOM.DIST
POISSON POISSON.DIST EXPONDIST EXPON.DIST WEIBULL WEIBULL.DIST GAMMADIST GAMMA.DIST GAMMAINV GAMMA.INV GAMMALN
GAMMALN.PRECISE BETAINV BETA.INV HYPGEOMDIST HYPGEOM.DIST CONFIDENCE CONFIDENCE.NORM CONFIDENCE.T
FISHER FISHERINV STANDARDIZE PHI GAUSS ERF ERFC
CUMIPMT CUMPRINC ISPMT PDURATION RRI DOLLARDE DOLLARFR`

const ofTexts =
  'BIN2DEC BIN2HEX BIN2OCT DEC2BIN DEC2HEX DEC2OCT HEX2BIN HEX2DEC HEX2OCT OCT2BIN OCT2DEC OCT2HEX ROMAN ARABIC'

const ofRanges = 'SKEW SKEW.P KURT TRIMMEAN MIRR PERCENTRANK PERCENTRANK.INC PERCENTRANK.EXC'

/** Older functions that the library has under their newer name only, with the arguments that these have in addition. */
const renamed: Readonly<Record<string, { readonly name: string; readonly added: readonly Scalar[] }>> = {
  NORMSDIST: { name: 'NORM.S.DIST', added: [true] },
  LOGNORMDIST: { name: 'LOGNORM.DIST', added: [true] },
  TINV: { name: 'T.INV.2T', added: [] },
  CHIDIST: { name: 'CHISQ.DIST.RT', added: [] },
  CHIINV: { name: 'CHISQ.INV.RT', added: [] },
  FDIST: { name: 'F.DIST.RT', added: [] },
  FINV: { name: 'F.INV.RT', added: [] },
  POISSON: { name: 'POISSON.DIST', added: [] },
  WEIBULL: { name: 'WEIBULL.DIST', added: [] },
  CONFIDENCE: { name: 'CONFIDENCE.NORM', added: [] },
  PERCENTRANK: { name: 'PERCENTRANK.INC', added: [] },
}

/** Arguments that may be left out in a spreadsheet but not in the library. */
const defaults: Readonly<Record<string, readonly Scalar[]>> = {
  BETAINV: [null, null, null, 0, 1],
  'BETA.INV': [null, null, null, 0, 1],
}

/** Arguments that the library takes and gets wrong. */
const fewerArguments: Readonly<Record<string, number>> = { ERF: 1 }

const words = (text: string): string[] => text.split(/\s+/)

const known = new Set([...words(ofNumbers), ...words(ofTexts), ...words(ofRanges)])

/** The functions of the long tail among those named; the library is loaded when there are any. */
export const longTailFunctions = async (names: Iterable<string>): Promise<ReadonlyMap<string, FormulaFunction>> => {
  const wanted = [...names].filter((name) => known.has(name))
  if (wanted.length === 0) return new Map()
  const library: unknown = await import('@formulajs/formulajs')
  return new Map(
    wanted.flatMap((name) => {
      const called = member(library, renamed[name]?.name ?? name)
      return called === null ? [] : [[name, adapt(name, called)]]
    }),
  )
}

type LibraryFunction = (...values: readonly unknown[]) => unknown

// `T.DIST.2T` is the function 2T of DIST of T.
const member = (library: unknown, name: string): LibraryFunction | null => {
  let found: unknown = library
  for (const step of name.split('.')) {
    if ((typeof found !== 'object' && typeof found !== 'function') || found === null) return null
    found = Reflect.get(found, step)
  }
  return typeof found === 'function' ? (found as LibraryFunction) : null
}

const adapt = (name: string, called: LibraryFunction): FormulaFunction => {
  if (words(ofRanges).includes(name)) {
    return range(1, 4, (values, evaluation) => {
      const plain = values.map((value) => {
        const read = isSingle(value) ? scalarOf(value, evaluation) : matrixOf(value, evaluation).values
        return Array.isArray(read) ? read.filter((one) => typeof one === 'number') : read
      })
      charge(name, listCallCost(name, plain.flat().length), evaluation)
      return resultOf(name, () => called(...plain))
    })
  }
  const takesTexts = words(ofTexts).includes(name)
  const added = renamed[name]?.added ?? []
  const missing = defaults[name] ?? []
  return scalar(1, fewerArguments[name] ?? 8, (values, evaluation) => {
    if (!takesTexts && values.some((value) => typeof value === 'string')) return errors.value
    charge(name, scalarCallCost(name, values), evaluation)
    return resultOf(name, () => called(...values.map((value) => value ?? 0), ...missing.slice(values.length), ...added))
  })
}

/** Counts what the library is about to do; nothing can stop it once it is called. */
const charge = (name: string, cost: number, { cells }: Evaluation): void => {
  if (cost > dearestCall) throw new UnsupportedFormula(`function ${name} with arguments as large as these`)
  cells.spend(cost)
}

const isSingle = (value: FormulaValue): boolean => typeof value !== 'object' || value === null || isError(value)

const resultOf = (name: string, call: () => unknown): Scalar => {
  let result: unknown
  try {
    result = call()
  } catch {
    throw new UnsupportedFormula(`function ${name} with these arguments`)
  }
  if (typeof result === 'number') return finite(result)
  if (typeof result === 'string') return result.toUpperCase()
  if (typeof result === 'boolean') return result
  if (result instanceof Error && result.message.startsWith('#')) return errorOf(result.message)
  throw new UnsupportedFormula(`function ${name} with these arguments`)
}
