/**
 * What may go wrong in a simulated world, each as a chance from 0 to 1. One that is left out never happens.
 */
export interface SimulationFaults {
  /** Of an append: the node dies before it happened. */
  readonly crashBeforeCommit?: number
  /** Of an append: it happened, and the node dies before it hears of it. */
  readonly crashAfterCommit?: number
  /** Of an append: the node is told STORAGE. Every other one of them happened all the same. */
  readonly failedAppend?: number
  /** Of whatever is asked of a journal: the answer takes up to 200 ms. */
  readonly slowJournal?: number
  /** Of a turn of a node: it dies right there. */
  readonly crash?: number
  /** Of a request: nobody gets it. */
  readonly lostRequest?: number
  /** Of a request: it arrives, and its answer does not. */
  readonly lostAnswer?: number
  /** Of a request: it arrives twice. */
  readonly duplicate?: number
  /** Of a request: it takes up to a second. What one node sends to one address stays in order. */
  readonly delay?: number
  /** Of a step of time: every clock is set a day forward or back. */
  readonly clockJump?: number
}

/** A fault by its name. */
export type FaultKind = keyof SimulationFaults

/** All faults, as often as a run of some dozen messages bears. */
export const EVERY_FAULT: Required<SimulationFaults> = {
  crashBeforeCommit: 0.05,
  crashAfterCommit: 0.05,
  failedAppend: 0.05,
  slowJournal: 0.2,
  crash: 0.005,
  lostRequest: 0.05,
  lostAnswer: 0.05,
  duplicate: 0.1,
  delay: 0.3,
  clockJump: 0.02,
}
