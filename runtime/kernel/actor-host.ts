import type { Random } from '../ports/random.ts'
import type { Contract, InputArgumentOf } from '../protocol/contract.ts'
import type { ActorDefinition } from './definition.ts'
import type { LentClock } from './lent-clock.ts'
import type { Ref } from './ref.ts'

/** Where actors can be spawned and addressed from: a runtime, the hands of a task or service, the scope of a step. */
export interface ActorHost {
  readonly clock: LentClock
  readonly random: Random
  /** Starts or finds an actor. */
  spawn<C extends Contract>(
    definition: ActorDefinition<C>,
    options: { readonly key: string; readonly input?: InputArgumentOf<C> },
  ): Promise<Ref<C>>
  /** Addresses an actor without starting it. */
  ref<C extends Contract>(definition: ActorDefinition<C>, key: string): Ref<C>
}
