import type { AgentContext, AgentRun, TurnOutcome } from '../machines/agent-context.ts'
import { ASK_HUMAN, HANDOFF, menuOf } from '../machines/agent-menu.ts'
import type { CallChunk } from '../machines/model-call.contract.ts'
import type { MessagePart, ToolSpec } from '../machines/model-request.ts'
import { type ModelUsage, NO_USAGE } from '../machines/model-usage.ts'
import { errorValue } from '../runtime/protocol/errors.ts'
import { type AgentParts, agentParts } from './agent-parts.ts'
import type { Budget } from './budget-client.ts'
import type { ModelCallAnswer } from './model-call-answer.ts'
import type { ModelCallOptions, ModelsClient } from './models-client.ts'
import { validateTool } from './tool-schema.ts'

/** What a turn of the model is made with. */
export interface ThoughtTools {
  readonly parts: AgentParts
  readonly models: ModelsClient
  /** Tools for which the agent has no grants. */
  readonly forbidden: readonly string[]
  readonly signal: AbortSignal
  /** Names the model call, and what its provider is told: one that was cut off is made again as the same. */
  readonly key: string
  readonly idempotencyKey: string
  /** Makes the names of questions. */
  readonly nonce: string
  budget(): Promise<Budget> | null
  /** Hears the answer as it comes; null when nobody streams the run. */
  readonly hear: ((chunk: CallChunk) => void) | null
}

const ASK_SPEC: ToolSpec = {
  name: ASK_HUMAN,
  description: 'Asks a human, and waits for the answer. Only for what nobody else and no other tool can tell.',
  input: {
    type: 'object',
    properties: {
      question: { type: 'string', minLength: 1 },
      options: { type: 'array', items: { type: 'string' }, description: 'Answers to choose from.' },
    },
    required: ['question'],
    additionalProperties: false,
  },
}

/** Has the model take its turn. Never rejects: what came of it is told, a failure as well. */
export async function think(tools: ThoughtTools, context: AgentContext): Promise<TurnOutcome> {
  const { forbidden, nonce } = tools
  const { id, step } = context.run as AgentRun
  const turn = { run: id, step, forbidden, nonce }
  let heard = ''
  const hear = (chunk: CallChunk): void => {
    if (chunk.type === 'text') heard += chunk.text
    if (chunk.type === 'restarted') heard = ''
    tools.hear?.(chunk)
  }
  try {
    const answer = await callModel({ ...tools, hear: tools.hear && hear }, context)
    const { text, object, toolCalls, finish, model, usage, costNanoUsd, attempts, degradations } = answer
    return {
      ...turn,
      text,
      output: toolCalls.length > 0 ? null : object,
      wanted: toolCalls,
      isCut: finish === 'length',
      model,
      usage,
      costNanoUsd,
      attempts: attempts.length,
      degradations: degradations.map(({ detail }) => detail),
      error: null,
    }
  } catch (thrown) {
    return { ...turn, ...NOTHING, text: heard, ...failureOf(thrown) }
  }
}

const NOTHING = { output: null, wanted: [], isCut: false, model: null, degradations: [] }

async function callModel(tools: ThoughtTools, context: AgentContext): Promise<ModelCallAnswer<unknown>> {
  const { parts, models, signal, key, idempotencyKey, hear } = tools
  const budget = await tools.budget()
  const options: ModelCallOptions = {
    ...parts.wish,
    ...offerOf(parts, { ...context, forbidden: tools.forbidden }),
    instructions: await instructionsOf(parts, context),
    messages: context.conversation.messages.map(({ message }) => message),
    ...(parts.schema ? { output: parts.schema } : {}),
    ...(budget ? { budget } : {}),
    signal,
    key,
    // A turn that is taken again is the same turn, though its instructions may tell another time.
    payload: null,
    idempotencyKey,
  }
  if (!hear) return models.call(options)
  const stream = models.stream(options)
  for await (const chunk of stream) hear(chunk)
  return stream.result
}

async function instructionsOf(
  { instructions, data: schema, plan }: AgentParts,
  { input }: AgentContext,
): Promise<string> {
  if (typeof instructions === 'string') return instructions
  return instructions(
    schema ? await validateTool(schema, input.data, `the data of '${plan.name}'`, plan.name) : undefined,
  )
}

// A model whose conversation has tool calls must be told of tools, though it may call none.
function offerOf(parts: AgentParts, context: AgentContext): Pick<ModelCallOptions, 'tools' | 'toolChoice'> {
  const menu = menuOf(parts.plan, context)
  if (menu.length > 0) return { tools: menu.map((name) => specOf(parts, name)) }
  const known = [...parts.plan.allowed, ...parts.plan.handoffs.map((name) => HANDOFF + name), ASK_HUMAN]
  const called = known.filter((name) =>
    context.conversation.messages.some(({ message }) => names(message.content, name)),
  )
  return called.length === 0 ? {} : { tools: called.map((name) => specOf(parts, name)), toolChoice: 'none' }
}

function names(content: string | readonly MessagePart[], tool: string): boolean {
  return typeof content !== 'string' && content.some((part) => part.type === 'tool-call' && part.tool === tool)
}

function specOf({ tools, handoffs }: AgentParts, name: string): ToolSpec {
  if (name === ASK_HUMAN) return ASK_SPEC
  if (!name.startsWith(HANDOFF)) return tools.specs([name])[0] as ToolSpec
  const agent = handoffs[name.slice(HANDOFF.length)]
  const request = { type: 'string', minLength: 1, description: 'All that the other agent must know to answer.' }
  return {
    name,
    description: `Hands a request over to another agent, and waits for its answer. ${agent ? agentParts(agent).description : ''}`,
    input: { type: 'object', properties: { request }, required: ['request'], additionalProperties: false },
  }
}

// A call that failed may have cost something: its error says what.
function failureOf(thrown: unknown): Pick<TurnOutcome, 'error' | 'usage' | 'costNanoUsd' | 'attempts'> {
  const { data, ...error } = errorValue(thrown)
  const known = (typeof data === 'object' && data !== null ? data : {}) as {
    readonly usage?: ModelUsage
    readonly costNanoUsd?: number
    readonly attempts?: readonly unknown[]
  }
  const { usage = NO_USAGE, costNanoUsd = 0, attempts = [] } = known
  return { error: data === undefined ? error : { ...error, data }, usage, costNanoUsd, attempts: attempts.length }
}
