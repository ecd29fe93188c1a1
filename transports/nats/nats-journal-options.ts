import type { Duration } from '../../runtime/protocol/duration.ts'
import type { NatsOptions } from './nats-options.ts'

/** What `natsJournal` takes. */
export interface NatsJournalOptions
  extends Pick<
    NatsOptions,
    'servers' | 'name' | 'credentials' | 'nkey' | 'token' | 'user' | 'password' | 'tls' | 'onStatus'
  > {
  /** On how many servers the journal rests, when it is made. Default: 1. */
  readonly replicas?: 1 | 3 | 5
  /** How long the servers have to answer, and what is sent without a connection waits for one. Default: `'5s'`. */
  readonly patience?: Duration
  /**
   * What a commit survives, as the servers are set up: `D2` a lost machine, where they run with `sync_interval: always` (they
   * do not tell); `D1` a killed process. Default: `D1`.
   */
  readonly durability?: 'D1' | 'D2'
}
