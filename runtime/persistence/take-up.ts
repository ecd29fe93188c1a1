import type { TimerRecord } from '../protocol/record.ts'
import type { Obstacle } from './obstacle.ts'

/**
 * Brings records up by itself, for a definition whose chart and context follow from data of its own: it knows better than
 * any migration what of a record still counts. It comes after the migrations, if there are any, and answers with all that
 * stands in the way, or with what the chart goes on with. Pure: it may be called again for the same record.
 */
export type TakeUp = (written: Written) => TakenUp | readonly Obstacle[]

/** What is taken up. */
export interface Written {
  readonly context: unknown
  readonly timers: readonly TimerRecord[]
  /** The version that wrote it; null when migrations led from there to the current one. */
  readonly version: string | null
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What the chart goes on with. Its timers are those of its state, with their dues: no delay begins beside them. */
export interface TakenUp {
  readonly value: unknown
  readonly context: unknown
  readonly timers: readonly TimerRecord[]
}
