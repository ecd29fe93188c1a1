import type { Address } from '../protocol/address.ts'
import type { FaultKind } from './simulation-faults.ts'

/** What happened in a simulated world: the same for the same seed and scenario. */
export interface SimulationReport {
  readonly seed: number
  /** What went wrong, and when nodes came and went. */
  readonly trace: readonly TraceEntry[]
  /** Every append that reached its journal, in order. */
  readonly commits: readonly CommitEntry[]
  note(what: TraceEntry['what'], node: string, detail: string): void
  commit(entry: CommitEntry): void
  /** The trace, a line an entry. */
  text(): string
}

/** One thing that happened to a node. */
export interface TraceEntry {
  /** How many turns the scheduler had given. */
  readonly turn: number
  /** Milliseconds since the world began, by its clocks. */
  readonly at: number
  readonly node: string
  readonly what: FaultKind | 'starts' | 'cannot start' | 'is killed' | 'is stopped'
  readonly detail: string
}

/** One append. */
export interface CommitEntry {
  readonly node: string
  /** Tells journals apart. */
  readonly journal: object
  readonly shard: string
  readonly epoch: number
  readonly records: readonly { readonly address: Address; readonly incarnation: number; readonly commit: number }[]
}

/** Makes an empty report. */
export function createSimulationReport(seed: number, turn: () => number, elapsed: () => number): SimulationReport {
  const trace: TraceEntry[] = []
  const commits: CommitEntry[] = []
  return {
    seed,
    trace,
    commits,
    note(what, node, detail) {
      trace.push({ turn: turn(), at: elapsed(), node, what, detail })
    },
    commit(entry) {
      commits.push(entry)
    },
    text: () => trace.map((entry) => `turn ${entry.turn}, ${entry.at} ms: ${lineOf(entry)}`).join('\n'),
  }
}

function lineOf({ node, what, detail }: TraceEntry): string {
  return detail === '' ? `${node} ${what}` : `${node} ${what}: ${detail}`
}
