import type { InspectionHub } from '../inspection/hub.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { Address } from '../protocol/address.ts'
import type { ChildrenPolicy } from '../supervision/children-policy.ts'
import type { Afterwards } from './afterwards.ts'
import type { Cell } from './cell.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { LentClock } from './lent-clock.ts'
import type { MailboxQueue } from './mailbox.ts'
import type { Registry } from './registry.ts'
import type { RemoteDoor } from './remote-door.ts'
import type { SelfRef } from './self-ref.ts'
import type { Stepper } from './step.ts'
import type { Store } from './store.ts'
import type { TimerWheel } from './timer-wheel.ts'

/** The parts of one node, as its functions share them. */
export interface Kernel {
  readonly realm: string
  readonly node: string
  readonly clock: Clock
  readonly random: Random
  readonly wheel: TimerWheel
  readonly lentClock: LentClock
  readonly afterwards: Afterwards
  readonly queue: MailboxQueue
  readonly stepper: Stepper<Cell>
  readonly registry: Registry
  readonly hub: InspectionHub
  readonly deadLetters: DeadLetters
  readonly selfOf: (cell: Cell) => SelfRef
  readonly system: object
  readonly nextAskId: () => string
  readonly nextSeq: () => number
  /** How actors without a parent are supervised. */
  readonly supervision: ChildrenPolicy
  /** Starts on their way, by address; each settles without an error. */
  readonly starting: Map<Address, Promise<void>>
  /** The durable actors; null without a journal. */
  store: Store | null
  /** The way to other nodes; null when this one stands alone. */
  remote: RemoteDoor | null
  /** Freezes messages, so that a receiver that changes one is found in development. */
  readonly freeze: boolean
  /** Sends local messages through the codec, as a wire would. */
  readonly forceCodec: boolean
  /** False once the node stops: no message from outside is taken any more. */
  accepting: boolean
}
