import { address as addressOf, type Address } from '../protocol/address.ts'
import type { Contract, InputArgumentOf, MessageEvent } from '../protocol/contract.ts'
import { narrow, type Principal } from '../protocol/principal.ts'
import type { Random } from '../ports/random.ts'
import type { Afterwards } from './afterwards.ts'
import type { Cell } from './cell.ts'
import type { ActorDefinition } from './definition.ts'
import { passAlong } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import type { LentClock } from './lent-clock.ts'
import { createRef, type Ref } from './ref.ts'
import { spawnActor } from './spawn.ts'
import type { Task } from './tasks.ts'

/** What a task can do beside computing. It acts for the actor that runs it, with that actor's grants. */
export interface Hands {
  /** The actor whose task this is. */
  readonly owner: Address
  readonly principal: Principal
  /** The same however often this work is run: what is done under it twice is done once. */
  readonly idempotencyKey: string
  readonly clock: LentClock
  readonly random: Random
  readonly afterwards: Afterwards
  /** Sends an event to the owner, as a callback's `sendBack` does. */
  tell(event: MessageEvent): void
  /** Starts or finds an actor; with `fresh`, CONFLICT when there is one. It is the owner's: it stops when the owner ends. */
  spawn<C extends Contract>(
    definition: ActorDefinition<C>,
    options: { readonly key: string; readonly input?: InputArgumentOf<C>; readonly fresh?: boolean },
  ): Promise<Ref<C>>
  /** Addresses an actor. */
  ref<C extends Contract>(definition: ActorDefinition<C>, key: string): Ref<C>
}

/** Makes the hands of one task. */
export function createHands(kernel: Kernel, owner: Cell, task: Task, idempotencyKey: string): Hands {
  const { grants } = owner.policies
  const principal = grants ? narrow(owner.principal, grants) : owner.principal
  const me = { from: `${owner.address}/${task.id}` as Address, principal }
  return {
    owner: owner.address,
    principal,
    idempotencyKey,
    clock: kernel.lentClock,
    random: kernel.random,
    afterwards: kernel.afterwards,
    tell: (event) => {
      passAlong(kernel, owner, event, owner.address)
    },
    async spawn(definition, { key, input, fresh = false }) {
      const target = await spawnActor(kernel, definition, { key, input, principal, owner, fresh })
      return createRef(kernel, definition, target, me)
    },
    ref: (definition, key) => createRef(kernel, definition, addressOf(kernel.realm, definition.type, key), me),
  }
}
