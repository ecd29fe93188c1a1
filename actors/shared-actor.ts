import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import type { Address } from '../runtime/protocol/address.ts'
import type { Contract, InputArgumentOf } from '../runtime/protocol/contract.ts'
import { isTroupeError } from '../runtime/protocol/errors.ts'

/** An actor that several clients share. Who started it may end and take it along: the next who needs it starts it again. */
export interface SharedActor<C extends Contract> {
  readonly ref: Ref<C>
  /**
   * Does something with the actor, and once more with a new one when there is none any more, or it was stopped meanwhile.
   * With the signal that the work goes by, its own cancelling is told from that.
   */
  use<T>(work: (ref: Ref<C>) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Listens anew: the actor that is there now is another than the one that was met. */
  meetAgain(): Promise<void>
  /** Stops listening to it. */
  leave(): void
}

/**
 * Starts or finds an actor. Each time, `input` is made anew, and `meet` listens to it and learns how it stands; it returns
 * what ends the listening.
 */
export async function shareActor<C extends Contract>(
  host: ActorHost,
  definition: ActorDefinition<C>,
  { key, input }: { readonly key: string; readonly input?: () => InputArgumentOf<C> },
  meet: (ref: Ref<C>) => Promise<() => void>,
): Promise<SharedActor<C>> {
  let meeting: Promise<void> | null = null
  let isLeft = false
  const find = (): Promise<Ref<C>> => host.spawn(definition, { key, ...(input ? { input: input() } : {}) })
  let ref = await find()
  let stopListening = await meet(ref)

  async function findAgain(): Promise<void> {
    try {
      ref = await find()
      stopListening()
      stopListening = await meet(ref)
      if (isLeft) stopListening()
    } finally {
      meeting = null
    }
  }

  async function meetAgain(): Promise<void> {
    await (meeting ??= findAgain())
  }

  return {
    get ref() {
      return ref
    },
    meetAgain,
    async use(work, signal) {
      const tried = ref
      try {
        return await work(tried)
      } catch (error) {
        const isGone = isTroupeError(error, 'NOT_FOUND') || (isTroupeError(error, 'CANCELLED') && !signal?.aborted)
        if (!isGone) throw error
      }
      // Another may have found it out before.
      if (ref === tried || meeting) await meetAgain()
      return work(ref)
    },
    leave() {
      isLeft = true
      stopListening()
    },
  }
}

/** The actor for which the host acts; null for a runtime, which acts for nobody. */
export function ownerOf(host: ActorHost): Address | null {
  return (host as { readonly owner?: Address }).owner ?? null
}
