import { retrierContract } from '../machines/retrier.contract.ts'
import { retrierMachine } from '../machines/retrier.machine.ts'
import { type ActorDefinition, defineActor } from '../runtime/kernel/definition.ts'

/** The actor of one call that is made again: it is there from the first failure to the end of the call. */
export const retrier: ActorDefinition<typeof retrierContract> = defineActor({
  type: 'retrier',
  contract: retrierContract,
  logic: retrierMachine,
  // Its caller knows how it ended; who looks later finds it for a moment.
  keepResult: '10s',
})
