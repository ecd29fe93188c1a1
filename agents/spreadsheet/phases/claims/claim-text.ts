/** Quotes a text of the workbook inside a sentence; what stands in quotes is nobody's claim. */
export function quoteText(text: string): string {
  return `"${plainQuoted(text)}"`
}

/** A text as it stands between quotes. */
export function plainQuoted(text: string): string {
  return text.replaceAll('"', "'").replace(/\s+/g, ' ').trim()
}

const quoted = /["“]([^"“”]*)["”]/g
const references = /(?<![\p{L}\p{N}$])\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?(?![\p{L}\p{N}])/gu
const wholeWords = /[\p{L}\p{N}_]+/gu
const numbers =
  /[-\u2212]?\d+(?:[,\u00a0\u202f']\d{3})*(?:\.\d+)?(?:e[-+]?\d+\b)?(?:%|\s?(?:percent|thousand|million|billion|trillion|k|m|mio|bn|mrd)\b)?/gi

const scales: Readonly<Record<string, number>> = {
  ...{ '%': 0.01, percent: 0.01, thousand: 1e3, k: 1e3, million: 1e6, m: 1e6, mio: 1e6 },
  ...{ billion: 1e9, bn: 1e9, mrd: 1e9, trillion: 1e12 },
}

const small =
  'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
const words = new Map(small.split(' ').map((word, at) => [word, at + 2]))
for (const [at, word] of 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').entries()) {
  words.set(word, (at + 2) * 10)
}
// A word for an amount that no cell can be held against.
for (const word of ['dozen', 'hundred', 'thousand', 'million', 'billion', 'trillion']) words.set(word, Number.NaN)
const spelled = new RegExp(`\\b(${[...words.keys()].join('|')})s?\\b`, 'gi')

/** A number a sentence states, with the precision it states it to. */
export interface StatedNumber {
  readonly value: number
  /** Half a unit of the last digit written. */
  readonly slack: number
  readonly written: string
}

/** What may stand in a sentence without being a number of its own. */
export interface TextGround {
  /** Names of sheets and ranges, which stand in a sentence without quotes. */
  readonly names: readonly string[]
  /** True for a text of the workbook, word for word. */
  isText(text: string): boolean
  /** True for a reference that points at cells there are. */
  isCell(reference: string): boolean
}

/**
 * The numbers a sentence states, however they are wrapped: in quotes, glued to a currency, with a scale, in words. Texts of
 * the workbook in quotes, words of it, and references to its cells are none.
 */
export function statedNumbers(text: string, { names, isText, isCell }: TextGround): StatedNumber[] {
  const plain = withoutNames(text, names)
    .replace(quoted, (_, inner: string) => (isText(plainQuoted(inner)) ? ' ' : ` ${inner} `))
    .replace(references, (reference) => (isCell(reference.replaceAll('$', '')) ? ' ' : reference))
    .replace(wholeWords, (word) => (mayBeLabel(word) && isText(word) ? ' ' : word))
  const inDigits = [...plain.matchAll(numbers)].map(([written]) => stated(written))
  const inWords = [...plain.replace(numbers, ' ').matchAll(spelled)].map(([written]) => ({
    value: words.get(written.toLowerCase().replace(/s$/, '')) ?? Number.NaN,
    slack: 0,
    written,
  }))
  return [...inDigits, ...inWords]
}

/** What can be a label although it has digits: a word with letters, or a year. */
export function mayBeLabel(word: string): boolean {
  return /\d/.test(word) && (/\p{L}/u.test(word) || /^(?:19|20)\d\d$/.test(word))
}

function withoutNames(text: string, names: readonly string[]): string {
  let rest = text
  for (const name of names) {
    for (let at = rest.indexOf(name); at >= 0; at = rest.indexOf(name, at + 1)) {
      // A name is none inside of another word or number.
      const isWhole = !/[\p{L}\p{N}]$/u.test(rest.slice(0, at)) && !/^[\p{L}\p{N}]/u.test(rest.slice(at + name.length))
      if (isWhole) rest = `${rest.slice(0, at)} ${rest.slice(at + name.length)}`
    }
  }
  return rest
}

function stated(written: string): StatedNumber {
  const unit = /(?:%|[a-z]+)$/i.exec(written)?.[0] ?? ''
  const scale = scales[unit.toLowerCase()] ?? 1
  const digits = written
    .slice(0, written.length - unit.length)
    .replace(/[,\u00a0\u202f'\s]/g, '')
    .replace('\u2212', '-')
  const decimals = /\.(\d+)/.exec(digits)?.[1]?.length ?? 0
  return { value: Number(digits) * scale, slack: (0.5 / 10 ** decimals) * scale, written: written.trim() }
}

/** Whether a number is stated truly: equal, or rounded to the digits written, never by more than a thousandth. */
export function statesNumber({ value, slack }: Pick<StatedNumber, 'value' | 'slack'>, actual: number): boolean {
  const difference = Math.abs(value - actual)
  const size = Math.max(Math.abs(value), Math.abs(actual))
  return difference <= size * 1e-9 || (difference <= slack * (1 + 1e-9) && difference <= size * 1e-3)
}

/** The first number of a sentence that is none of those it may state. Words carry the direction (`a loss of 5`): the sign is free. */
export function strayNumber(text: string, allowed: readonly number[], ground: TextGround): StatedNumber | undefined {
  return statedNumbers(text, ground).find(
    (number) =>
      !allowed.some(
        (actual) => statesNumber(number, actual) || statesNumber({ ...number, value: -number.value }, actual),
      ),
  )
}
