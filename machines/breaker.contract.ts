import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'
import { failureCategory } from './model-failure.ts'

const count = z.number().int().positive()
const span = z.number().positive()
// No date is later.
const time = z.number().nonnegative().max(8.64e15)

/** When a breaker opens, and how it closes again. Times in milliseconds. */
export const breakerSettings = z.object({
  /** So many failures within the window open it. */
  failures: count,
  window: span,
  openFor: span,
  /** So many successes while half-open close it. */
  successes: count,
  /** How many calls may be under way at once while it is half-open. */
  permits: count,
  /** How long a permit is held for a caller that says nothing; then the next gets it. */
  permitFor: span,
})

/** Settings as somebody gives them: what is left out stays as it is. */
const someSettings = breakerSettings.partial()

/** How a breaker stands. */
export const breakerState = z.enum(['closed', 'open', 'half-open'])

/** What a breaker says of itself. */
export const breakerView = z.object({
  state: breakerState,
  /** Tells actors apart that had the key one after the other: each counts from the beginning. */
  life: z.string(),
  /** Goes up by one with each change of state. */
  seq: z.number().int(),
  /** When it tries again, in milliseconds since 1970; null unless it is open. */
  until: z.number().nullable(),
  /** Failures that count now. */
  failures: z.number().int(),
  /** Successes since it is half-open. */
  successes: z.number().int(),
  /** Calls that may be made at once while it is half-open, beside those under way. */
  free: z.number().int(),
})

/** What became of a call. */
export const breakerOutcome = z.union([z.enum(['succeeded', 'abandoned']), failureCategory])

/** The contract of every breaker. `at` is the sender's time, in milliseconds since 1970: from it follows `until`. */
export const breakerContract = defineContract({
  input: someSettings.extend({ life: z.string().optional() }).optional(),
  messages: {
    /** Asks whether a call may be made. Asked twice for one call, it says the same. */
    'breaker.admit': {
      fields: z.object({
        call: z.string().min(1),
        /** The actor that makes the call: when it ends, its permits are free. */
        holder: z.string().nullable().default(null),
      }),
      reply: breakerView.extend({ admitted: z.boolean() }),
    },
    /** Tells what became of a call. A report that is late or comes twice changes nothing. */
    'breaker.report': {
      fields: z.object({
        call: z.string().min(1),
        /** The breaker's `seq` when the call was admitted. */
        seq: z.number().int(),
        outcome: breakerOutcome,
        at: time,
      }),
      reply: breakerView,
    },
    /** Gives it other settings: of those who share it and disagree, the newest is right. */
    'breaker.join': { fields: z.object({ settings: someSettings }), reply: breakerView },
    'breaker.status': { reply: breakerView.extend({ settings: breakerSettings }) },
    /** Closes it, and forgets what it has counted. */
    'breaker.reset': { reply: breakerView, requires: 'breaker.manage' },
  },
  emits: { 'breaker.changed': breakerView },
})

/** When a breaker opens, and how it closes again. */
export type BreakerSettings = z.output<typeof breakerSettings>
/** Settings as somebody gives them. */
export type SomeBreakerSettings = z.output<typeof someSettings>
/** How a breaker stands. */
export type BreakerState = z.output<typeof breakerState>
/** What a breaker says of itself. */
export type BreakerView = z.output<typeof breakerView>
/** What became of a call. */
export type BreakerOutcome = z.output<typeof breakerOutcome>
