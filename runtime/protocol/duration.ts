import { TroupeError } from './errors.ts'

/** A length of time: milliseconds, or a number with a unit such as `'250ms'`, `'5s'`, `'2m'`, `'1h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SHAPE = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** Milliseconds of a duration. Throws INVALID_MESSAGE for anything that is not a finite, non-negative length of time. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration
  const match = typeof duration === 'string' ? SHAPE.exec(duration) : null
  const unit = match ? UNITS[match[2] ?? ''] : undefined
  if (match && unit !== undefined) return Number(match[1]) * unit
  throw new TroupeError('INVALID_MESSAGE', `'${String(duration)}' is not a duration`, {
    hint: "write milliseconds as a number, or a number with ms, s, m, h or d, such as '5s'",
  })
}
