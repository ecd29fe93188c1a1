import { TroupeError } from '../runtime/protocol/errors.ts'

/** Money in billionths of a US dollar, as a whole number: up to about nine million dollars. */
export type NanoUsd = number

const NANO = 1_000_000_000

/** Whole nano-USD of an amount in dollars, rounded up. Throws INVALID_MESSAGE for what is no amount or too large. */
export function nanoUsd(usd: number): NanoUsd {
  // 0.1 + 0.2 has a digit too many: what is within a millionth of a nano is that nano.
  const nano = Math.ceil(Number((usd * NANO).toFixed(6)))
  if (Number.isSafeInteger(nano) && nano >= 0) return nano
  throw new TroupeError('INVALID_MESSAGE', `${usd} is no amount of US dollars`, {
    hint: 'give a number from 0 to 9 000 000',
  })
}

/** The amount in dollars, for people and reports. */
export function usdOf(nano: NanoUsd): number {
  return nano / NANO
}
