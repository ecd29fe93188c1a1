export { nats } from './nats-transport.ts'
export { natsJournal } from './nats-journal.ts'

export type { NatsJournalOptions } from './nats-journal-options.ts'
export type { NatsOptions, NatsTls } from './nats-options.ts'
export type { NatsStatus } from './nats-status.ts'
