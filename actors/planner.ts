import { type Plan, planContract, planRequest, type PlanRequest } from '../machines/plan-rules.contract.ts'
import { planMachine } from '../machines/plan-rules.machine.ts'
import { type PlanAction, type PlanRule, planRules } from '../machines/plan-rules.ts'
import { type ActorDefinition, defineActor } from '../runtime/kernel/definition.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { validate } from '../runtime/protocol/validation.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import type { Tool } from './define-tool.ts'
import { createToolRegistry, type ToolRegistry } from './tool-registry.ts'

/** What `definePlanner` takes. */
export interface PlannerOptions {
  readonly rules: readonly PlanRule[]
  /** A set of tools, or a list of them. */
  readonly tools: ToolRegistry | readonly Tool[]
  /** What to do when no rule matches. Default: the first tool that need not be avoided. */
  readonly default?: PlanAction
  /** The type of its actor. Default `planner`. */
  readonly name?: string
}

/** A planner: a pure function of its rules, and an actor that others can ask. */
export interface Planner {
  /** Decides which tool does it, how, and what to try after it. Throws UNAVAILABLE when all of them are to be avoided. */
  plan(request: PlanRequest): Plan
  /** Answers `planner.plan`. */
  readonly actor: ActorDefinition<typeof planContract>
}

/**
 * Defines a planner. The rule with the highest priority whose conditions all hold decides. Throws INVALID_MESSAGE for a
 * rule with a field or an operator that is not there, a pattern that cannot be or can take for ever, and where there are no
 * tools.
 *
 * @example
 * const planner = definePlanner({
 *   tools,
 *   rules: [
 *     { name: 'large sheets', priority: 10, when: [{ path: 'sheet.rows', operator: 'gt', value: 10_000 }],
 *       tool: 'sample', fallbacks: ['count'] },
 *   ],
 *   default: { tool: 'count' },
 * })
 * const plan = planner.plan({ facts: { sheet: { rows: 20_000 } } })
 */
export function definePlanner(options: PlannerOptions): Planner {
  policyFields(options, 'planner', ['rules', 'tools', 'default', 'name'])
  const { rules, default: otherwise, name = 'planner' } = options
  const tools = registryOf(options.tools)
  if (!Array.isArray(rules)) {
    throw fault(
      'rules',
      `the rules of '${name}' are no list`,
      "write rules: [{ name: 'large', when: [...], tool: 'sample' }]",
    )
  }
  const newest = tools.names.map((id) => tools.get(id))
  const decide = planRules({ rules, tools: newest, find: tools.get, ...(otherwise ? { otherwise } : {}) })
  return {
    plan: (request) => decide(validate(planRequest, request, 'what is to be planned', name)),
    actor: defineActor({ type: name, contract: planContract, logic: planMachine(decide) }),
  }
}

function registryOf(tools: ToolRegistry | readonly Tool[]): ToolRegistry {
  if (isList(tools)) return createToolRegistry(tools)
  if (typeof tools?.get === 'function' && Array.isArray(tools.names)) return tools
  throw fault('tools', 'a planner has no tools', 'give it what defineTools returned, or a list of tools')
}

function isList(tools: ToolRegistry | readonly Tool[]): tools is readonly Tool[] {
  return Array.isArray(tools)
}

function fault(part: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: `planner.${part}`, hint })
}
