import type { ActorRecord, ErrorValue } from '../../../runtime/index.ts'
import type { KillPoint } from './kill-plan.ts'
import type { KillReport } from './kill-report.ts'

/** What a process of the kill tests tells its parent, each in a line of JSON. */
export type KillLine =
  /** Its runtime is there: the file is its own. */
  | { readonly kind: 'opened' }
  /** What it found, once all that was under way has come to its end. */
  | { readonly kind: 'report'; readonly report: KillReport }
  /** A message was acknowledged. An id is `lane:number`, and the numbers of a lane are sent in their order from 1. */
  | { readonly kind: 'acknowledged'; readonly to: Recipient; readonly id: string }
  /** A message was answered with the place that it has among all. */
  | { readonly kind: 'answered'; readonly id: string; readonly place: number }
  /** An event was heard that tells of a place. */
  | { readonly kind: 'heard'; readonly place: number }
  /** A message was refused because its actor failed on it. */
  | { readonly kind: 'refused'; readonly id: string }
  /** An alarm went off. */
  | { readonly kind: 'rang'; readonly id: string; readonly at: number }
  /** Its last words. With the batch that was to be appended, where it is about one. */
  | { readonly kind: 'dying'; readonly point: KillPoint; readonly batch: readonly ActorRecord[] }
  /** Something happened that must not. */
  | { readonly kind: 'trouble'; readonly error: ErrorValue }

/** Who takes acknowledged messages. */
export type Recipient = 'scribe' | 'chain' | 'household' | 'alarm' | 'errand'

/** Tells the parent. */
export type Say = (line: KillLine) => void
