import { modelCallContract } from '../machines/model-call.contract.ts'
import { modelCallMachine } from '../machines/model-call.machine.ts'
import { type ActorDefinition, defineActor } from '../runtime/kernel/definition.ts'
import { type Models, modelsParts } from './define-models.ts'
import { modelCallRunner } from './model-call-runner.ts'

/** A definition of model calls. */
export type ModelCall = ActorDefinition<typeof modelCallContract>

/**
 * The actor of one logical model call, however many attempts. Host it where calls are to be made for other processes, and
 * where durable ones are to be taken up again; the same models always give the same definition.
 *
 * @example
 * const runtime = await createRuntime({ journal: sqlite('calls.db'), actors: [defineModelCall(models)] })
 */
export function defineModelCall(models: Models): ModelCall {
  const { parts, definition } = modelsParts(models)
  const { name, retry, durability } = parts
  return definition(() =>
    defineActor({
      type: name,
      contract: modelCallContract,
      logic: modelCallMachine({ name, retry }).provide({ actors: { runner: modelCallRunner(parts) } as never }),
      durability,
      keepResult: durability === 'durable' ? '30d' : '1m',
    }),
  )
}
