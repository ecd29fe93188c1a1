export { nats } from './nats-transport.ts'

export type { NatsOptions, NatsTls } from './nats-options.ts'
export type { NatsStatus } from './nats-status.ts'
