import { routerContract } from '../machines/model-choice.contract.ts'
import { type ChooseCommand, routerMachine } from '../machines/model-choice.machine.ts'
import { type ActorDefinition, defineActor } from '../runtime/kernel/definition.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import { errorValue } from '../runtime/protocol/errors.ts'
import { type Models, modelsParts } from './define-models.ts'
import { decideModels } from './model-call-choice.ts'
import { createCallGates } from './model-call-gates.ts'

/**
 * The router of models as an actor: it says which models would be tried for a request, in which order and why, and asks none
 * of them. Healthy models come first.
 *
 * @example
 * const ref = await runtime.spawn(router(models), { key: 'router' })
 * const { candidates, refused } = await ref.ask({ type: 'router.choose', task: 'extraction', request: { messages } })
 */
export function router(models: Models): ActorDefinition<typeof routerContract> {
  const { parts } = modelsParts(models)
  const runner = fromService<ChooseCommand, undefined>((service) => {
    const gates = createCallGates(service, parts)
    service.receive(({ ask, wanted }) => {
      const { left, ...input } = wanted
      void decideModels(parts, gates, input, left).then(
        (decision) => service.tell({ type: 'choice.made', ask, decision, error: null }),
        (thrown: unknown) => service.tell({ type: 'choice.made', ask, decision: null, error: errorValue(thrown) }),
      )
    })
  })
  return defineActor({
    type: `${parts.name}-router`,
    contract: routerContract,
    logic: routerMachine.provide({ actors: { runner } as never }),
  })
}
