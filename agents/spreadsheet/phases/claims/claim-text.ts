/** Quotes a text of the workbook inside a sentence; what stands in quotes is nobody's claim. */
export function quoteText(text: string): string {
  return `"${text.replaceAll('"', "'").replace(/\s+/g, ' ').trim()}"`
}

const quoted = /"[^"]*"|“[^”]*”/g
const references = /\$?[A-Za-z]{1,3}\$?\d{1,7}(?![\d.])(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?/g
const numbers = /(?<![\w.])[-\u2212]?\d+(?:[,\u00a0\u202f']\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?/gi

/** A number a sentence states, with the precision it states it to. */
export interface StatedNumber {
  readonly value: number
  /** Half a unit of the last digit written. */
  readonly slack: number
}

/** The numbers a sentence states: outside quotes, and not as parts of cell references. */
export function statedNumbers(text: string): StatedNumber[] {
  const plain = text.replace(quoted, ' ').replace(references, ' ')
  return [...plain.matchAll(numbers)].map(([written]) => {
    const percent = written.endsWith('%')
    const digits = written.replace(/[,\u00a0\u202f'%]/g, '').replace('\u2212', '-')
    const decimals = /\.(\d+)/.exec(digits)?.[1]?.length ?? 0
    const scale = percent ? 100 : 1
    return { value: Number(digits) / scale, slack: 0.5 / 10 ** decimals / scale }
  })
}

/** Whether a number is stated truly: equal, or rounded to the digits written, never by more than a thousandth. */
export function statesNumber({ value, slack }: StatedNumber, actual: number): boolean {
  const difference = Math.abs(value - actual)
  const size = Math.max(Math.abs(value), Math.abs(actual))
  return difference <= size * 1e-9 || (difference <= slack * (1 + 1e-9) && difference <= size * 1e-3)
}
