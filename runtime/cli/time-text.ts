const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** A moment for people, in UTC to the second: `2026-11-20 23:36:20`. */
export function momentText(at: number | null): string {
  return at === null ? '-' : new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** A moment for scripts. */
export function isoText(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

/** A length of time in its two greatest units: `2d 3h`, `41s`, `12ms`. */
export function lengthText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  let rest = ms
  const parts: string[] = []
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || parts.length > 0) parts.push(`${count}${name}`)
  }
  return parts.slice(0, 2).join(' ')
}
