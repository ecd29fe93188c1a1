import type { AnyStateMachine } from 'xstate'
import { agentChart } from '../machines/agent-chart.ts'
import type { AgentPlan } from '../machines/agent-context.ts'
import { agentContract } from '../machines/agent.contract.ts'
import { agentMachine } from '../machines/agent.machine.ts'
import { ASK_HUMAN, eventOf, HANDOFF } from '../machines/agent-menu.ts'
import { type ActorOptions, defineActor } from '../runtime/kernel/definition.ts'
import { isName } from '../runtime/protocol/address.ts'
import type { Contract } from '../runtime/protocol/contract.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import { createAgentGates } from './agent-gates.ts'
import { SESSION_GRANTS } from './agent-grants.ts'
import { type AgentBounds, agentLimits } from './agent-bounds.ts'
import { type Agent, agentOf, type AgentParts, agentParts, type AgentWish } from './agent-parts.ts'
import { agentRunner } from './agent-runner.ts'
import { type Models, modelsParts } from './define-models.ts'
import type { Tool } from './define-tool.ts'
import { defineTools, type Tools } from './define-tools.ts'
import { type OutputSchema, structuredOutput } from './models/structured-output.ts'
import { isToolSchema, type ToolSchema } from './tool-schema.ts'

/** What `defineAgent` takes. */
export interface AgentDesign<Data, Output>
  extends AgentWish,
    Partial<Pick<ActorOptions<Contract>, 'durability' | 'mailbox' | 'keepResult' | 'restAfter' | 'supervision'>> {
  /** The type of its actors. */
  readonly type: string
  /** What it is good for, for agents that may hand over to it. */
  readonly description?: string
  readonly models: Models
  /** What it is told before everything else; a function makes it of the session's `data`. */
  readonly instructions: string | ((data: Data) => string)
  /** What a session starts from. Default: nothing. */
  readonly input?: ToolSchema<Data>
  /** The form of its answers. Default: text. */
  readonly output?: OutputSchema<Output>
  readonly tools?: readonly Tool[] | Tools
  /** The agents that it may hand over to, by the names it knows them by. */
  readonly handoffs?: Readonly<Record<string, Agent>>
  /** Lets it ask a human by the tool `ask_human`. A question is open for an hour, unless another time is given. */
  readonly askHuman?: boolean | { readonly timeout?: Duration }
  /** What its tools and hand-offs may ask for at most. Default: nothing; its principal must hold it as well. */
  readonly grants?: readonly string[]
  readonly limits?: AgentBounds
  /**
   * What may be called when: a machine whose events are `tool.<id>` and `handoff.<name>`. Only what its state takes is
   * offered and accepted; a call that succeeded is its event, with `input` and `output`. Guards go by its context.
   */
  readonly chart?: AnyStateMachine
}

type Base = Omit<AgentDesign<never, never>, 'instructions' | 'input' | 'output'>

const FIELDS = [
  ...['type', 'description', 'models', 'instructions', 'input', 'output', 'tools', 'handoffs', 'askHuman', 'grants'],
  ...[
    'limits',
    'chart',
    'model',
    'task',
    'complexity',
    'temperature',
    'effort',
    'maxOutputTokens',
    'deadlines',
    'ladder',
  ],
  ...['durability', 'mailbox', 'keepResult', 'restAfter', 'supervision'],
]

/**
 * Defines an agent: a model in a loop with tools, bounded, durable if it is to be, and watched like any actor. Throws
 * INVALID_MESSAGE, naming the option, for what cannot be meant.
 *
 * @example
 * const clerk = defineAgent({
 *   type: 'clerk', models, instructions: 'You convert amounts. Use the tools.',
 *   tools: [convert], grants: ['rates.read'], limits: { steps: 8, costUsd: 0.5 },
 * })
 */
export function defineAgent<Data = undefined, Output = null>(design: AgentDesign<Data, Output>): Agent<Data, Output> {
  policyFields(design, 'defineAgent', FIELDS)
  const { type, models, grants = [], durability = 'ephemeral', instructions } = design
  if (!isName(type))
    throw fault('type', `'${type}' cannot name an agent`, 'use a letter, then letters, digits, _ and -')
  assertModels(design)
  if (typeof instructions !== 'string' && typeof instructions !== 'function') {
    throw fault(`${type}.instructions`, `'${type}' has no instructions`, 'give a text, or a function that makes one')
  }
  if (!Array.isArray(grants) || grants.some((grant) => typeof grant !== 'string' || grant === '*')) {
    throw fault(`${type}.grants`, `the grants of '${type}' are no list of names`, "write ['rates.read']")
  }
  if (design.input !== undefined && !isToolSchema(design.input)) {
    throw fault(`${type}.input`, `the input of '${type}' is no schema`, 'give a zod or Standard Schema')
  }
  const tools = toolsOf(design)
  const handoffs = handoffsOf(design)
  const { plan, budget } = planOf(design, tools, Object.keys(handoffs))
  const parts: AgentParts = {
    plan,
    description: design.description ?? `The agent '${type}'.`,
    models,
    gates: createAgentGates(models),
    wish: wishOf(design),
    instructions: typeof instructions === 'string' ? instructions : (data) => instructions(data as Data),
    data: design.input ?? null,
    tools,
    handoffs,
    schema: design.output ?? null,
    output: design.output ? structuredOutput(design.output, type) : null,
    budget,
    durability,
  }
  const { mailbox, keepResult, restAfter, supervision } = design
  const definition = defineActor({
    type,
    contract: agentContract,
    logic: agentMachine(plan).provide({ actors: { runner: agentRunner(parts) } as never }),
    durability,
    grants: [...SESSION_GRANTS, ...grants],
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(keepResult === undefined ? {} : { keepResult }),
    ...(restAfter === undefined ? {} : { restAfter }),
    ...(supervision === undefined ? {} : { supervision }),
  })
  return agentOf(definition, parts) as Agent<Data, Output>
}

function toolsOf({ type, tools = [], durability = 'ephemeral' }: Base): Tools {
  if ('actor' in tools) return tools
  // What a call came to its agent knows at once; only one that is taken up after a restart asks for it again.
  const keepResult = durability === 'durable' ? '30d' : '1s'
  return defineTools(tools, { name: `${type}-tool`, durability, keepResult })
}

function planOf(
  design: Base,
  { names }: Tools,
  handoffs: readonly string[],
): { readonly plan: AgentPlan; readonly budget: AgentParts['budget'] } {
  const { type, askHuman = false, limits: bounds = {} } = design
  const allowed = bounds.tools ?? names
  const stranger = allowed.find((name) => !names.includes(name))
  if (stranger !== undefined) {
    const known = names.join(', ') || 'none'
    throw fault(`${type}.limits.tools`, `'${type}' has no tool '${stranger}' to be limited to`, `there are: ${known}`)
  }
  const taken = [...names].find((name) => name === ASK_HUMAN || name.startsWith(HANDOFF))
  if (taken !== undefined) {
    throw fault(`${type}.tools.${taken}`, `a tool of an agent cannot be named '${taken}'`, 'name it differently')
  }
  const asking = policyFields(askHuman === true || askHuman === false ? {} : askHuman, `${type}.askHuman`, ['timeout'])
  const patience = asking.duration('timeout', { from: 1, to: YEAR }, 3_600_000)
  const { limits, budget } = agentLimits(bounds, askHuman === false ? null : patience, `${type}.limits`)
  const plan = { name: type, tools: names, allowed, handoffs, asksHuman: askHuman !== false, limits }
  return { plan: { ...plan, chart: chartOf(design, plan) }, budget }
}

// An event that no tool has would keep a tool from ever being offered.
function chartOf({ type, chart }: Base, plan: Omit<AgentPlan, 'chart'>): AgentPlan['chart'] {
  if (!chart) return null
  const made = agentChart(chart, `${type}.chart`)
  const known = [...plan.tools, ...plan.handoffs.map((name) => HANDOFF + name), ASK_HUMAN].map(eventOf)
  const stranger = made.events.find((event) => !known.includes(event))
  if (stranger === undefined) return made
  throw fault(
    `${type}.chart`,
    `the chart of '${type}' takes '${stranger}', which is no call`,
    `calls: ${known.join(', ')}`,
  )
}

function handoffsOf({ type, handoffs = {} }: Base): AgentParts['handoffs'] {
  for (const [name, agent] of Object.entries(handoffs)) {
    const where = `${type}.handoffs.${name}`
    if (!isName(name) || HANDOFF.length + name.length > 64) {
      throw fault(where, `'${name}' cannot name a hand-off`, 'use a letter, then up to 55 letters, digits, _ and -')
    }
    if (agentParts(agent, where).data === null) continue
    throw fault(
      where,
      `'${agent.type}' starts from data, which a hand-off does not have`,
      'hand over to one without input',
    )
  }
  return handoffs as AgentParts['handoffs']
}

function wishOf(design: Base): AgentWish {
  const { model, task, complexity, temperature, effort, maxOutputTokens, deadlines, ladder } = design
  const wish = { model, task, complexity, temperature, effort, maxOutputTokens, deadlines, ladder }
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
}

// Whether a provider has the model only it can say; that there is no such provider is known now.
function assertModels({ type, models, model }: Base): void {
  const { providers } = modelsParts(models).parts
  for (const id of typeof model === 'string' ? [model] : (model ?? [])) {
    const where = `${type}.model`
    const slash = typeof id === 'string' ? id.indexOf('/') : -1
    if (slash < 1 || slash === id.length - 1) {
      throw fault(where, `'${id}' names no model`, "write 'provider/model', as in 'openai/gpt-5-mini'")
    }
    if (providers.has(id.slice(0, slash))) continue
    const known = [...providers.keys()].join(', ') || 'none'
    throw fault(where, `'${id}' is of a provider that the models of '${type}' do not have`, `there are: ${known}`)
  }
}

function fault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}
