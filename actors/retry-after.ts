const SECOND = 1_000
const NUMBER = /^\d+(\.\d+)?$/
// Much passes for a date that is none: '-1' would be one of 2001.
const TIME = /\d:\d\d/

/** The longest that an answer can ask to wait, in milliseconds: one header is not to hold everybody up for ever. */
export const LONGEST_WAIT = 86_400_000

/** Reads a header of the answer that an error carries, by its name in lower case. */
export type HeaderReader = (name: string) => string | null

/** Reads the headers of the first of the errors that has some, in whichever form it keeps them. */
export function headerReader(errors: readonly unknown[]): HeaderReader {
  for (const error of errors) {
    const found = headersOf(error) ?? headersOf(fieldOf(error, 'response'))
    if (found) return found
  }
  return () => null
}

/** Milliseconds that the other side asks to wait, a day at most: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterOf(header: HeaderReader, now?: number): number | null {
  const asked = askedWait(header, now)
  return asked === null ? null : Math.min(LONGEST_WAIT, asked)
}

function askedWait(header: HeaderReader, now: number | undefined): number | null {
  const exact = header('retry-after-ms')?.trim()
  if (exact && NUMBER.test(exact)) return Math.ceil(Number(exact))
  const given = header('retry-after')?.trim()
  if (!given) return null
  if (NUMBER.test(given)) return Math.ceil(Number(given) * SECOND)
  const due = TIME.test(given) ? Date.parse(given) : Number.NaN
  if (Number.isNaN(due)) return null
  // Held against the other side's own clock, if it tells: it is that clock which the date is of.
  const there = Date.parse(header('date') ?? '')
  return Math.max(0, due - (Number.isNaN(there) ? (now ?? Date.now()) : there))
}

function headersOf(error: unknown): HeaderReader | null {
  const headers = fieldOf(error, 'headers')
  if (typeof headers !== 'object' || headers === null) return null
  if (typeof (headers as Headers).get === 'function') {
    return (name) => textOf((headers as { get(name: string): unknown }).get(name))
  }
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), textOf(value)]))
  return (name) => byName.get(name) ?? null
}

function textOf(value: unknown): string | null {
  const one: unknown = Array.isArray(value) ? value[0] : value
  return typeof one === 'string' ? one : typeof one === 'number' ? String(one) : null
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined
}
