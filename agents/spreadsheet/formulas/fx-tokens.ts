import { type Token, tokenize } from '@borgar/fx/xlsx'

/**
 * The tokens of a formula, with references to deleted sheets and cells (`Sheet1!#REF!`, `#REF!A1`) made one error, and
 * without the prefixes that files put before newer functions and the parameters of LET and LAMBDA.
 */
export const fxTokens = (formula: string): Token[] => {
  const tokens = tokenize(formula, { withLocation: false })
  if (formula.includes('_xl')) {
    for (const token of tokens) {
      if (token.type === 'func' || token.type === 'range_named') token.value = withoutPrefix(token.value)
    }
  }
  if (!formula.includes('#REF!')) return tokens
  const merged: Token[] = []
  for (const token of tokens) {
    const last = merged.at(-1)
    const beforeLast = merged.at(-2)
    if (isReferenceError(token) && last?.value === '!' && beforeLast?.type.startsWith('context')) {
      merged.splice(-2, 2, token)
    } else if (last !== undefined && isReferenceError(last) && token.type.startsWith('range')) {
      continue
    } else {
      merged.push(token)
    }
  }
  return merged
}

/** A function's or parameter's name as people know it: `_xlfn.XLOOKUP` is XLOOKUP. */
export const withoutPrefix = (name: string): string => name.replace(/^(_xlfn\.|_xlws\.|_xlpm\.|_xll\.|_xludf\.)+/i, '')

const isReferenceError = (token: Token): boolean => token.type === 'error' && token.value.toUpperCase() === '#REF!'
