import type { SomeBreakerSettings } from '../machines/breaker.contract.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'

/** What `createBreaker` takes. */
export interface BreakerOptions {
  /** Whom it is about: `provider`, `provider:model`, or any name. Who names the same key shares the breaker; of clients that
   * disagree the newest is right. */
  readonly key: string
  /** So many failures within the window open it. Default 5. */
  readonly failures?: number
  /** Default 60 s. */
  readonly window?: Duration
  /** How long it stays open before it tries again. Default 60 s. */
  readonly openFor?: Duration
  /** So many successes while half-open close it. Default 2. */
  readonly successes?: number
  /** How many calls may be under way at once while it is half-open. Default 1. */
  readonly permits?: number
  /** How long one of these calls may say nothing before the next is let through. Default 2 minutes. */
  readonly permitFor?: Duration
}

/** What suits the providers whose failures are known. */
export const BREAKER_PRESETS = {
  openai: { failures: 5, openFor: 60_000, successes: 2 },
  anthropic: { failures: 3, openFor: 120_000, successes: 1 },
} as const satisfies Readonly<Record<string, Omit<BreakerOptions, 'key'>>>

const COUNTS = ['failures', 'successes', 'permits'] as const
const SPANS = ['window', 'openFor', 'permitFor'] as const
const COUNT = { from: 1, to: 10_000, whole: true }
const SPAN = { from: 1, to: YEAR }

/** The settings that are given. Throws INVALID_MESSAGE, naming the option, for what cannot be meant. */
export function breakerSettingsOf(options: BreakerOptions): SomeBreakerSettings {
  const fields = policyFields(options, 'breaker', ['key', ...COUNTS, ...SPANS])
  const given: Record<string, number> = {}
  for (const name of COUNTS) if (options[name] !== undefined) given[name] = fields.number(name, COUNT, 0)
  for (const name of SPANS) if (options[name] !== undefined) given[name] = fields.duration(name, SPAN, 0)
  return given
}
