import type { BudgetLimit } from '../machines/budget-amount.ts'
import type { AgentPlan } from '../machines/agent-context.ts'
import type { agentContract } from '../machines/agent.contract.ts'
import type { ActorDefinition, ActorDurability } from '../runtime/kernel/definition.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import type { AgentGates } from './agent-gates.ts'
import { defineBudgetKeeper } from './budget-keeper.ts'
import type { Models } from './define-models.ts'
import type { Tools } from './define-tools.ts'
import { defineModelCall } from './model-call.ts'
import type { ModelCallOptions } from './models-client.ts'
import type { OutputSchema, StructuredOutput } from './models/structured-output.ts'
import type { ToolSchema } from './tool-schema.ts'

/** How an agent asks its models, the same in each turn. */
export type AgentWish = Pick<
  ModelCallOptions,
  'model' | 'task' | 'complexity' | 'temperature' | 'effort' | 'maxOutputTokens' | 'deadlines' | 'ladder'
>

/** What stands behind an agent, checked and filled in. */
export interface AgentParts {
  readonly plan: AgentPlan
  readonly description: string
  readonly models: Models
  readonly gates: AgentGates
  readonly wish: AgentWish
  readonly instructions: string | ((data: unknown) => string)
  readonly data: ToolSchema | null
  readonly tools: Tools
  readonly handoffs: Readonly<Record<string, Agent>>
  readonly schema: OutputSchema<unknown> | null
  readonly output: StructuredOutput<unknown> | null
  /** What one run may spend; null for as much as its budget has. */
  readonly budget: BudgetLimit | null
  readonly durability: ActorDurability
}

declare const TYPES: unique symbol

/** An agent as an inert value: an actor definition, with the types of what it starts from and answers with. */
export interface Agent<Data = never, Output = unknown> extends ActorDefinition<typeof agentContract> {
  /** What a runtime has to host for it: itself, and what it works with. */
  readonly actors: readonly ActorDefinition[]
  /** Only for the compiler. */
  readonly [TYPES]?: { readonly data: (data: Data) => void; readonly output: Output }
}

const PARTS = Symbol('troupe.agent')

/** Puts the parts behind a definition. */
export function agentOf(definition: ActorDefinition<typeof agentContract>, parts: AgentParts): Agent {
  const { tools, models, durability, handoffs } = parts
  const others = Object.values(handoffs).flatMap((agent) => agent.actors)
  const needed = [definition, tools.actor, defineModelCall(models), defineBudgetKeeper({ durability }), ...others]
  Object.defineProperty(definition, PARTS, { value: parts })
  return Object.assign(definition, { actors: [...new Set(needed as ActorDefinition[])] })
}

/** @internal What stands behind an agent. Throws INVALID_MESSAGE for what `defineAgent` did not make. */
export function agentParts(agent: Agent, where = 'agent'): AgentParts {
  const parts = (agent as { [PARTS]?: AgentParts } | undefined)?.[PARTS]
  if (parts) return parts
  throw new TroupeError('INVALID_MESSAGE', 'this is no agent', { where, hint: 'give what defineAgent returned' })
}
