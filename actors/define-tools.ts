import type { toolCallContract } from '../machines/tool-call.contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import type { Tool } from './define-tool.ts'
import { defineToolCall, type ToolCallOptions } from './tool-call.ts'
import { createToolRegistry, type ToolRegistry } from './tool-registry.ts'

/** A set of tools, and the actor that makes a call of one of them. */
export interface Tools<T extends Tool = Tool> extends ToolRegistry {
  /** To be listed among a runtime's `actors` where calls are durable, or made on another node. */
  readonly actor: ActorDefinition<typeof toolCallContract>
  /** Only for the compiler. */
  readonly types?: T
}

/**
 * Puts tools together. Several versions of one stand side by side: who calls it gets the newest, or pins one with
 * `id@version`. Throws CONFLICT, naming both versions, for two that cannot be told apart.
 *
 * @example
 * const tools = defineTools([convert, search])
 */
export function defineTools<const T extends Tool>(list: readonly T[], options: ToolCallOptions = {}): Tools<T> {
  const registry = createToolRegistry(list)
  return { ...registry, actor: defineToolCall(registry, options) }
}
