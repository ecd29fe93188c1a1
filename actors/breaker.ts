import { breakerContract } from '../machines/breaker.contract.ts'
import { breakerMachine } from '../machines/breaker.machine.ts'
import { type ActorDefinition, defineActor } from '../runtime/kernel/definition.ts'

/** The actor that knows whether somebody who is called is well. Its key is `provider` or `provider:model`, or any name. */
export const breaker: ActorDefinition<typeof breakerContract> = defineActor({
  type: 'breaker',
  contract: breakerContract,
  logic: breakerMachine,
})
