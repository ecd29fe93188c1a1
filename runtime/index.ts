export { createRuntime } from './kernel/runtime.ts'
export { defineActor } from './kernel/definition.ts'
export { fromService } from './kernel/from-service.ts'
export { fromTask } from './kernel/from-task.ts'
export { defineContract } from './protocol/contract.ts'
export { address, parseAddress } from './protocol/address.ts'
export { announce, askOf, chunk, refuse, reply, tell, unwatch, watch } from './protocol/message-actions.ts'
export { isTroupeError, TroupeError } from './protocol/errors.ts'
export { ERROR_TABLE } from './protocol/error-table.ts'
export { milliseconds } from './protocol/duration.ts'
export { narrow } from './protocol/principal.ts'

export type { Runtime, RuntimeOptions, SpawnOptions } from './kernel/runtime.ts'
export type { ActorDefinition, ActorOptions, OverflowPolicy, UnhandledPolicy } from './kernel/definition.ts'
export type { ActorHost } from './kernel/actor-host.ts'
export type { Hands } from './kernel/hands.ts'
export type { LentClock } from './kernel/lent-clock.ts'
export type { ServiceScope } from './kernel/from-service.ts'
export type { TaskScope } from './kernel/from-task.ts'
export type { Ref, WaitOptions } from './kernel/ref.ts'
export type { ReplyStream } from './kernel/reply-stream.ts'
export type { StateView } from './kernel/state-view.ts'
export type { DeadLetterEntry } from './kernel/dead-letters.ts'
export type { DeadLetterBox } from './kernel/dead-letter-box.ts'
export type { ActorDurability } from './kernel/definition.ts'
export type { MigratedState, Migration } from './persistence/migration.ts'
export type { Renames } from './persistence/renames.ts'
export type { Address, AddressParts } from './protocol/address.ts'
export type {
  Contract,
  ContractSpec,
  ContractTypes,
  EmittedOf,
  InputOf,
  MessageEvent,
  MessageOf,
  MessageSpec,
  OutputOf,
  ReplyOf,
} from './protocol/contract.ts'
export type { ChildrenOptions, ExceededPolicy, RestartStrategy } from './supervision/children-policy.ts'
export type { BackoffOptions } from './supervision/restart-backoff.ts'
export type {
  PoisonPolicy,
  RestartBeginning,
  RestartType,
  SupervisionOptions,
} from './supervision/supervision-policy.ts'
export type { Duration } from './protocol/duration.ts'
export type { Condition } from './protocol/envelope.ts'
export type { ErrorCode, ErrorRule } from './protocol/error-table.ts'
export type { ErrorDetails, ErrorValue } from './protocol/errors.ts'
export type { DownEvent } from './protocol/message-actions.ts'
export type { Principal } from './protocol/principal.ts'
export type { InspectionRecord } from './protocol/inspection-record.ts'
export type { LogLevel } from './telemetry/log.ts'
export type { Observer } from './inspection/hub.ts'
export type { Clock } from './ports/clock.ts'
export type { Random } from './ports/random.ts'
export type { Scheduler } from './ports/scheduler.ts'
export type { Topic, Transport, TransportLink, TransportNode } from './ports/transport.ts'
export type {
  CommitBatch,
  Durability,
  Journal,
  JournalView,
  OwnOptions,
  Reading,
  ShardJournal,
  Wake,
} from './ports/journal.ts'
export type {
  ActorRecord,
  ChildRecord,
  DeadLetterRecord,
  LinkEnd,
  MachineStamp,
  OutboxRecord,
  RestartsRecord,
  RestartTimes,
  SnapshotRecord,
  StashRecord,
  TaskRecord,
  TimerRecord,
} from './protocol/record.ts'
export { definePack } from './cli/command.ts'
export type { Command, CommandOption, Invocation, Pack } from './cli/command.ts'
export { EXIT } from './cli/exit-codes.ts'
export type { Terminal } from './cli/terminal.ts'
export { usageError, wholeNumber } from './cli/usage-error.ts'
