import type { ModelCallInput } from '../machines/model-call.contract.ts'
import {
  chooseModel,
  type ModelDecision,
  type ModelFacts,
  type ModelWish,
  type PriceRates,
  type RefusedModel,
} from '../machines/model-choice.ts'
import type { ModelCapabilities, ModelInfo } from '../machines/model-info.ts'
import type { ModelRequest } from '../machines/model-request.ts'
import type { ModelUsage } from '../machines/model-usage.ts'
import type { NanoUsd } from '../machines/nano-usd.ts'
import type { CallGates } from './model-call-gates.ts'
import type { ModelCallParts } from './model-call-parts.ts'

/** What a choice is made of. */
export type ChoiceInput = Pick<ModelCallInput, 'request' | 'models' | 'task' | 'complexity'>

const MILLION = 1_000_000

/** Estimates what a call would use of each model, and chooses among them. */
export async function decideModels(
  parts: ModelCallParts,
  gates: CallGates,
  { request, models, task, complexity }: ChoiceInput,
  left: ModelWish['left'] = null,
): Promise<ModelDecision> {
  const listed = models ?? (task ? parts.candidates[task] : undefined) ?? [...parts.models.keys()]
  const unknown: RefusedModel[] = []
  const facts: ModelFacts[] = []
  for (const id of new Set(listed)) {
    const info = parts.models.get(id) ?? strangerOf(parts, id)
    if (info) {
      const inputTokens = await parts.tokens.estimate(info.id, request)
      const made = gates.breaker(info.provider)
      const breaker = made instanceof Promise ? await made : made
      facts.push(factsOf(parts, info, request, { inputTokens, health: breaker?.state ?? 'closed' }))
    } else unknown.push({ model: id, why: `there is no provider of that name`, cause: 'unknown_model' })
  }
  const isListed = task !== null && parts.candidates[task] !== undefined && complexity !== 'high'
  const isNamed = models !== null || isListed
  const { ceiling } = parts
  const decision = chooseModel(facts, { task, complexity, named: isNamed, needs: needsOf(request), ceiling, left })
  return { ...decision, refused: [...unknown, ...decision.refused] }
}

/**
 * What tokens cost: their price, where there is one. Without it nothing at a provider that is free, else what the ceiling
 * says; null without that.
 */
export function costOf(
  parts: ModelCallParts,
  info: Pick<ModelInfo, 'id' | 'provider'>,
  usage: ModelUsage,
): NanoUsd | null {
  const known = parts.prices?.costOf(info.id, usage)
  if (known !== null && known !== undefined) return known
  if (parts.providers.get(info.provider)?.free) return 0
  const { ceiling } = parts
  return ceiling && atRates(ceiling, usage)
}

/** Tokens without caches, as they are estimated. */
export function plainUsage(input: number, output: number): ModelUsage {
  return {
    inputTokens: { total: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, reasoning: 0 },
  }
}

function factsOf(
  parts: ModelCallParts,
  info: ModelInfo,
  request: ModelRequest,
  { inputTokens, health }: Pick<ModelFacts, 'inputTokens' | 'health'>,
): ModelFacts {
  const outputTokens = outputOf(parts, info, request, inputTokens)
  return {
    info,
    inputTokens,
    outputTokens,
    costNanoUsd: costOf(parts, info, plainUsage(inputTokens, outputTokens)),
    rates: parts.ceiling && ratesOf(parts, info),
    health,
  }
}

// What the caller did not limit is made to fit what is left of the context.
function outputOf(parts: ModelCallParts, info: ModelInfo, request: ModelRequest, inputTokens: number): number {
  const wanted = Math.min(request.maxOutputTokens ?? parts.outputTokens, info.maxOutput ?? Number.POSITIVE_INFINITY)
  if (request.maxOutputTokens !== undefined || info.contextWindow === null) return wanted
  const room = info.contextWindow - inputTokens
  return room > 0 ? Math.min(wanted, room) : wanted
}

function ratesOf(parts: ModelCallParts, info: ModelInfo): PriceRates | null {
  const input = costOf(parts, info, plainUsage(MILLION, 0))
  const output = costOf(parts, info, plainUsage(0, MILLION))
  return input === null || output === null ? null : { inputPerMillion: input, outputPerMillion: output }
}

function atRates(
  { inputPerMillion, outputPerMillion }: PriceRates,
  { inputTokens, outputTokens }: ModelUsage,
): NanoUsd {
  return Math.ceil((inputTokens.total * inputPerMillion + outputTokens.total * outputPerMillion) / MILLION)
}

function needsOf({ tools, output, messages }: ModelRequest): (keyof ModelCapabilities)[] {
  const needs: (keyof ModelCapabilities)[] = []
  if (tools && tools.length > 0) needs.push('tools')
  if (output) needs.push('structuredOutput')
  const hasImage = messages.some(
    ({ content }) => typeof content !== 'string' && content.some((part) => part.type === 'image'),
  )
  if (hasImage) needs.push('vision')
  return needs
}

// A model that nobody described is taken at its caller's word.
function strangerOf({ providers, prices }: ModelCallParts, id: string): ModelInfo | null {
  const slash = id.indexOf('/')
  const provider = id.slice(0, slash)
  if (slash < 1 || slash === id.length - 1 || !providers.has(provider)) return null
  return {
    id,
    provider,
    name: id.slice(slash + 1),
    tier: 'medium',
    contextWindow: prices?.contextWindowOf(id) ?? null,
    maxOutput: null,
    capabilities: { tools: true, structuredOutput: true, vision: true, sampling: true },
  }
}
