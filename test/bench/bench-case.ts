/** What survives: nothing (D0), a killed process (D1), a lost machine as far as fsync goes (D2). Never compare across. */
export type Durability = 'D0' | 'D1' | 'D2'

/** What a sample counts; those per second are better high, the rest better low. */
export type Unit = 'runs/s' | 'msg/s' | 'actors/s' | 'seeds/s' | 'ns' | 'us' | 'ms' | 'B' | 'packages'

/** One contender, ready to be measured in a process of its own. */
export interface Probe {
  /** Throws unless the work gives the right result; called before anything is timed. */
  check(): void | Promise<void>
  /** One measurement, in the unit of the case. */
  sample(): number | Promise<number>
}

/** Makes a probe ready. */
export type Side = () => Probe | Promise<Probe>

/** What a row has to reach: for the ratio to the peer, or for the value itself. Informative without bounds. */
export interface Target {
  readonly ratioAtLeast?: number
  readonly ratioAtMost?: number
  readonly atLeast?: number
  readonly atMost?: number
}

/** One line of the table: a side, and the side it is held against. */
export interface Row {
  readonly metric: string
  readonly of: string
  readonly against?: string
  readonly target: Target
  /** Default: that of the case. */
  readonly durability?: Durability
}

/** Contenders for the same work, measured in turns. */
export interface BenchCase {
  readonly unit: Unit
  readonly durability: Durability
  readonly sides: Readonly<Record<string, Side>>
  readonly rows: readonly Row[]
  /** Samples of each side after one warm-up phase; default 9. */
  readonly rounds?: number
  /** Samples thrown away first; default 3. */
  readonly warmUps?: number
}
