import { toolCallContract } from '../machines/tool-call.contract.ts'
import { toolCallMachine } from '../machines/tool-call.machine.ts'
import { type ActorDefinition, type ActorOptions, defineActor } from '../runtime/kernel/definition.ts'
import type { Contract } from '../runtime/protocol/contract.ts'
import { toolCallRunner } from './tool-call-runner.ts'
import type { ToolRegistry } from './tool-registry.ts'

/** What `defineToolCall` takes beside the tools. */
export interface ToolCallOptions extends Partial<Pick<ActorOptions<Contract>, 'grants' | 'keepResult' | 'durability'>> {
  /** The type of the actors that make the calls. Two sets of tools in one runtime need two. Default `tool-call`. */
  readonly name?: string
}

/**
 * Defines the actor that makes one call of one of the tools. It acts for who spawned it, with no grants of its own. With
 * `durability: 'durable'` a call outlives its process: an idempotent tool is executed again with the same key, another
 * fails as interrupted.
 */
export function defineToolCall(
  tools: ToolRegistry,
  options: ToolCallOptions = {},
): ActorDefinition<typeof toolCallContract> {
  const { name = 'tool-call', ...policies } = options
  return defineActor({
    ...policies,
    type: name,
    contract: toolCallContract,
    logic: toolCallMachine.provide({ actors: { runner: toolCallRunner(tools) } } as never),
  })
}
