import { type Token, tokenize } from '@borgar/fx/xlsx'

/** The tokens of a formula, with references to deleted sheets and cells (`Sheet1!#REF!`, `#REF!A1`) made one error. */
export const fxTokens = (formula: string): Token[] => {
  const tokens = tokenize(formula, { withLocation: false })
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

const isReferenceError = (token: Token): boolean => token.type === 'error' && token.value.toUpperCase() === '#REF!'
