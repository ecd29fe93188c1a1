import type { TroupeError } from '../protocol/errors.ts'

/** One question that waits for its answer. Whoever settles it first wins; the rest is ignored. */
export interface Ask {
  readonly id: string
  /** The message asked, for errors and for the reply's schema. */
  readonly type: string
  readonly settled: boolean
  /** `given` is the value as the actor gave it, before its schema made of it what it does. */
  answer(value: unknown, given: unknown): void
  fail(error: TroupeError): void
  /** Passes a chunk on; ignored when nobody streams. */
  chunk(value: unknown): void
}

/** Where an ask's outcome goes. */
export interface AskOutcome {
  answered(value: unknown, given: unknown): void
  failed(error: TroupeError): void
  chunked(value: unknown): void
}

/** Makes an ask. */
export function createAsk(id: string, type: string, outcome: AskOutcome): Ask {
  // A getter of its own would cost each ask a hidden class, which holds all that it sees until the next full collection.
  const ask = {
    id,
    type,
    settled: false,
    answer(value: unknown, given: unknown) {
      if (ask.settled) return
      ask.settled = true
      outcome.answered(value, given)
    },
    fail(error: TroupeError) {
      if (ask.settled) return
      ask.settled = true
      outcome.failed(error)
    },
    chunk(value: unknown) {
      if (!ask.settled) outcome.chunked(value)
    },
  }
  return ask
}
