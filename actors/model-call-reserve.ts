import type { BudgetAmount } from '../machines/budget-amount.ts'
import type { CallDegradation } from '../machines/model-call.contract.ts'
import type { ModelCallContext } from '../machines/model-call-context.ts'
import type { Reservation } from '../machines/model-call-changes.ts'
import type { CallReport } from '../machines/model-call.machine.ts'
import type { ModelDecision, RankedModel, RefusedModel } from '../machines/model-choice.ts'
import { asTroupeError, errorValue, isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import type { CallAccount } from './model-call-account.ts'
import { costOf, decideModels, plainUsage } from './model-call-choice.ts'
import type { CallGates } from './model-call-gates.ts'
import { requestFor } from './model-call-request.ts'
import type { ModelCallParts } from './model-call-parts.ts'

/** What a reservation is made with. */
export interface ReservationTools {
  readonly parts: ModelCallParts
  readonly gates: CallGates
  readonly account: CallAccount | null
  /** Names an attempt, for the budget. */
  readonly nameOf: (attempt: number, candidate: RankedModel) => string
}

const TIERS = ['small', 'medium', 'large'] as const

/**
 * Makes an attempt ready: estimates and chooses when that has not been done, and has the budget hold what the attempt may
 * cost at most. A candidate that the budget does not cover is passed over; what the caller would rather give up is tried last.
 */
export async function reserveAttempt(tools: ReservationTools, context: ModelCallContext): Promise<CallReport> {
  const { parts, gates, account } = tools
  const isFirst = context.candidates.length === 0
  const decision: ModelDecision = isFirst
    ? await decideModels(parts, gates, context.input)
    : { candidates: context.candidates, refused: [], reasons: [] }
  const { candidates, reasons } = decision
  const refused = [...decision.refused]
  if (candidates.length === 0) {
    const error = errorValue(nobodyFits(refused, parts))
    return { type: 'call.refused', error, refused, reasons }
  }
  let lacking: TroupeError | null = null
  for (let at = context.at; at < candidates.length; at++) {
    const chosen = candidates[at] as RankedModel
    const candidate = context.repair ? await asSent(parts, context, chosen) : chosen
    const held = account ? await hold(tools, account, context, candidate) : null
    if (!(held instanceof TroupeError)) {
      const degradations = lowerTier(context, candidates, at)
      return {
        type: 'call.reserved',
        candidates: candidate === chosen ? candidates : candidates.with(at, candidate),
        at,
        held,
        refused,
        reasons,
        degradations,
      }
    }
    lacking = held
    refused.push({ model: candidate.model, why: held.message, cause: 'budget' })
  }
  const rung = context.input.ladder.find((each) => each.do === 'cap_output')
  const capped = rung && (await capOutput(tools, context, candidates, { refusal: lacking as TroupeError, ...rung }))
  if (!capped) return { type: 'call.refused', error: errorValue(lacking), refused, reasons }
  return { type: 'call.reserved', ...capped, refused, reasons }
}

// A repair sends the answer and what is wrong with it along.
async function asSent(parts: ModelCallParts, context: ModelCallContext, candidate: RankedModel): Promise<RankedModel> {
  const inputTokens = await parts.tokens.estimate(candidate.model, requestFor(context, candidate))
  const usage = plainUsage(inputTokens, candidate.outputTokens)
  const costNanoUsd = costOf(parts, { id: candidate.model, provider: candidate.provider }, usage) ?? 0
  return { ...candidate, inputTokens, costNanoUsd }
}

// What the budget holds; the error that says what is lacking when it does not cover it.
async function hold(
  { nameOf }: ReservationTools,
  account: CallAccount,
  { number }: ModelCallContext,
  candidate: RankedModel,
): Promise<BudgetAmount | TroupeError> {
  const { inputTokens, outputTokens, costNanoUsd: nanoUsd } = candidate
  const amount = { tokens: inputTokens + outputTokens, nanoUsd }
  try {
    await account.reserve(nameOf(number + 1, candidate), amount)
    return amount
  } catch (error) {
    if (isTroupeError(error, 'BUDGET_EXCEEDED')) return asTroupeError(error)
    throw error
  }
}

// Says as much as what is left pays for, if that is enough to say something.
async function capOutput(
  tools: ReservationTools,
  context: ModelCallContext,
  candidates: readonly RankedModel[],
  { refusal: first, least }: { readonly refusal: TroupeError; readonly least: number },
): Promise<Pick<Reservation, 'candidates' | 'at' | 'held' | 'degradations'> | null> {
  const { account } = tools
  if (!account) return null
  let refusal = first
  for (let at = candidates.length - 1; at >= context.at; at--) {
    const candidate = candidates[at] as RankedModel
    // Tokens and money may both be short: the second refusal says of the other what the first did not.
    let tried = candidate
    for (let round = 0; round < 3; round++) {
      const capped = withinLeft(tools.parts, tried, refusal, least)
      if (!capped) break
      const held = await hold(tools, account, context, capped)
      if (!(held instanceof TroupeError)) {
        const { outputTokens: before, model } = candidate
        const { outputTokens: after } = capped
        const detail = `${model} says at most ${after} tokens instead of ${before}`
        const cap: CallDegradation = { rung: 'cap_output', before, after, detail }
        const degradations = [cap, ...lowerTier(context, candidates, at)]
        return { candidates: candidates.with(at, capped), at, held, degradations }
      }
      refusal = held
      tried = capped
    }
  }
  return null
}

function withinLeft(
  parts: ModelCallParts,
  candidate: RankedModel,
  { data }: TroupeError,
  floor: number,
): RankedModel | null {
  const { dimension, limit, spent, held } = (data ?? {}) as Readonly<Record<string, never>>
  const left = Math.max(0, Number(limit) - Number(spent) - Number(held))
  const { inputTokens } = candidate
  const info = { id: candidate.model, provider: candidate.provider }
  const costs = (output: number): number =>
    dimension === 'tokens' ? inputTokens + output : (costOf(parts, info, plainUsage(inputTokens, output)) ?? 0)
  if (!Number.isFinite(left) || costs(floor) > left) return null
  // Prices have steps: the most that is covered is looked for, not computed.
  let least = floor
  let most = candidate.outputTokens
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (costs(middle) <= left) least = middle
    else most = middle - 1
  }
  if (least >= candidate.outputTokens) return null
  const costNanoUsd = costOf(parts, info, plainUsage(inputTokens, least)) ?? 0
  return { ...candidate, outputTokens: least, costNanoUsd }
}

// Recorded once for each model: an answer of less than was chosen first says so.
function lowerTier(context: ModelCallContext, candidates: readonly RankedModel[], at: number): CallDegradation[] {
  const [first] = candidates
  const candidate = candidates[at]
  if (!first || !candidate || TIERS.indexOf(candidate.tier) >= TIERS.indexOf(first.tier)) return []
  const detail = `${candidate.model} (${candidate.tier}) instead of ${first.model} (${first.tier})`
  const isKnown = context.degradations.some((former) => former.detail === detail)
  return isKnown ? [] : [{ rung: 'cheaper_tier', before: first.tier, after: candidate.tier, detail }]
}

function nobodyFits(refused: readonly RefusedModel[], { models, providers }: ModelCallParts): TroupeError {
  if (refused.length === 0) {
    const why = models.size === 0 ? 'no model is configured' : 'no model was named'
    return new TroupeError('UNAVAILABLE', why, { hint: 'list models in defineModels, or name one', lasting: true })
  }
  const list = refused.map(({ model, why }) => `${model}: ${why}`).join('; ')
  const causes = new Set(refused.map(({ cause }) => cause))
  // One cause alone says what to do; several leave only that no model is there for this.
  const isOnly = (cause: RefusedModel['cause']): boolean => causes.size === 1 && causes.has(cause)
  const code =
    isOnly('context') || isOnly('ceiling') ? 'LIMIT_EXCEEDED' : isOnly('unknown_model') ? 'NOT_FOUND' : 'UNAVAILABLE'
  const priceless = refused.find(({ cause }) => cause === 'price')
  return new TroupeError(code, `no model can take the call: ${list}`, {
    hint: causes.has('price')
      ? `give defineModels prices: await knownPrices({ '${priceless?.model}': {...} }) or priceBook({...}), or a priceCeiling`
      : isOnly('unknown_model')
        ? `name a model of a provider that defineModels was given: ${[...providers.keys()].join(', ') || 'there is none'}`
        : 'list a model that fits, or ask less',
    data: { refused },
    lasting: true,
  })
}
