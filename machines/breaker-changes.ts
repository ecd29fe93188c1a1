import type { Address } from '../runtime/protocol/address.ts'
import type {
  BreakerOutcome,
  BreakerSettings,
  BreakerState,
  BreakerView,
  SomeBreakerSettings,
} from './breaker.contract.ts'
import { FAILURE_RULES } from './model-failure.ts'

/** A call that may be made while the breaker is half-open. */
export interface BreakerPermit {
  readonly call: string
  readonly holder: Address | null
}

/** What a breaker remembers. */
export interface BreakerContext {
  readonly settings: BreakerSettings
  readonly life: string
  readonly seq: number
  /** The calls whose failures count: each for as long as the window, by the breaker's own time. */
  readonly failures: readonly string[]
  readonly until: number | null
  readonly successes: number
  readonly permits: readonly BreakerPermit[]
}

/** A report as the chart gets it. */
export interface BreakerReport {
  readonly call: string
  readonly seq: number
  readonly outcome: BreakerOutcome
  readonly at: number
}

const STANDARD: BreakerSettings = {
  failures: 5,
  window: 60_000,
  openFor: 60_000,
  successes: 2,
  permits: 1,
  permitFor: 120_000,
}

/** A breaker that has seen nothing. */
export function newBreaker(given: SomeBreakerSettings & { readonly life?: string | undefined } = {}): BreakerContext {
  const { life = '', ...settings } = given
  const nothing = { seq: 0, failures: [], until: null, successes: 0, permits: [] }
  return { settings: withSettings(STANDARD, settings), life, ...nothing }
}

/** The settings with those that are given. */
export function withSettings(settings: BreakerSettings, given: SomeBreakerSettings): BreakerSettings {
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...settings, ...Object.fromEntries(known) }
}

/** True for an outcome that says the other side is not well. */
export function tripsBreaker(outcome: BreakerOutcome): boolean {
  return outcome !== 'succeeded' && outcome !== 'abandoned' && FAILURE_RULES[outcome].trips
}

/** True for a failure of a call admitted since it closed, which has not been counted. */
export function isNewFailure({ seq, failures }: BreakerContext, report: BreakerReport): boolean {
  return report.seq === seq && tripsBreaker(report.outcome) && !failures.includes(report.call)
}

/** True when the reported failure is the one that opens it. */
export function opensBreaker(context: BreakerContext, report: BreakerReport): boolean {
  return isNewFailure(context, report) && context.failures.length + 1 >= context.settings.failures
}

/** True while the call holds a permit. */
export function holdsPermit({ permits }: BreakerContext, call: string): boolean {
  return permits.some((permit) => permit.call === call)
}

/** True when another call may be made while half-open. */
export function hasFreePermit({ permits, settings }: BreakerContext): boolean {
  return permits.length < settings.permits
}

/** What opening changes. */
export function opened({ seq, settings }: BreakerContext, at: number): Partial<BreakerContext> {
  return { seq: seq + 1, failures: [], until: at + settings.openFor, successes: 0, permits: [] }
}

/** What trying again changes, and what closing does: nothing that was counted is kept. */
export function cleared({ seq }: BreakerContext): Partial<BreakerContext> {
  return { seq: seq + 1, failures: [], until: null, successes: 0, permits: [] }
}

/** What the breaker says of itself. */
export function breakerViewOf(context: BreakerContext, state: BreakerState): BreakerView {
  const { life, seq, until, failures, successes, permits, settings } = context
  const free = Math.max(0, settings.permits - permits.length)
  return { state, life, seq, until, failures: failures.length, successes, free }
}
