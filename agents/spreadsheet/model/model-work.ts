import { degraded, type Degraded } from '../../../actors/degraded.ts'
import type { Budget } from '../../../actors/budget-client.ts'
import type { Models } from '../../../actors/define-models.ts'
import { createModels } from '../../../actors/models-client.ts'
import type { StepScope } from '../../../actors/workflow-scope.ts'
import { usdOf } from '../../../machines/nano-usd.ts'
import { type Address, parseAddress } from '../../../runtime/index.ts'
import type { Claim } from '../phases/claims/claim.ts'
import type { Complexity } from '../phases/complexity-assessment.ts'
import { mapRelationships } from '../phases/relationship-analysis.ts'
import type { WorkUsage } from '../phases/work-usage.ts'
import type { WorkbookFacts } from '../phases/workbook-facts.ts'
import type { ModelAccount, ModelSite, Unanswered } from './ask-model.ts'
import { nameEdges, type NamedEdges, noPurposes } from './name-edges.ts'
import { noSummary, writeSummary, type WrittenSummary } from './write-summary.ts'

type Step = StepScope<unknown, { readonly complexity_assessment: Complexity | undefined }>

type Outcome = Pick<Unanswered, 'refused'> & { readonly reason: string | null }

/** What the steps of an analysis have models do, where there are any. */
export interface ModelWork {
  /** An account of the node for one call; null without models. */
  account(scope: Step, name: string, node: () => Promise<Budget | null>): Promise<ModelAccount | null>
  /** Why no more models are asked in this run: a provider refused a call as it would every other; null when they are. */
  refusal(scope: Pick<Step, 'owner'>): string | null
  /** Remembers whether what came of a call was such a refusal. */
  heed(scope: Pick<Step, 'owner'>, outcome: Outcome): void
  relationships(scope: Step, facts: WorkbookFacts): Promise<NamedEdges>
  /** No sentences without models. */
  summary(scope: Step, facts: WorkbookFacts, accepted: readonly Claim[]): Promise<WrittenSummary>
}

/** The work of these models; without any, what the rules make of it. */
export function createModelWork(models: Models | undefined): ModelWork {
  // Of runs under way; one that goes on in another process asks again, for by then the key may be mended.
  const refusals = new Map<Address, string>()

  async function account(scope: Step, name: string, open: () => Promise<Budget | null>): Promise<ModelAccount | null> {
    const node = models ? await open() : null
    if (!models || !node) return null
    const complexity = complexityOf(scope)
    // Who first needs a breaker takes it along at its end: it is the run's, so that all of its agents share it.
    await createModels(scope, models).estimate({ task: 'sheet_analysis', complexity, prompt: name })
    return { call: `${parseAddress(scope.owner).key}.${name}`, budget: node.place, complexity }
  }

  async function siteOf(scope: Step, name: string): Promise<ModelSite | null> {
    const made = await account(scope, name, () => scope.budgetNode())
    return models && made ? { host: scope, models, account: made, signal: scope.signal } : null
  }

  function refusal({ owner }: Pick<Step, 'owner'>): string | null {
    return refusals.get(owner) ?? null
  }

  function heed({ owner }: Pick<Step, 'owner'>, { refused, reason }: Outcome): void {
    if (refused && !refusals.has(owner)) refusals.set(owner, reason ?? 'the provider refused the call')
  }

  return {
    account,
    refusal,
    heed,
    async relationships(scope, facts) {
      const map = mapRelationships(facts)
      const reason = refusal(scope)
      if (reason !== null) return { map, ...noPurposes, reason }
      const site = await siteOf(scope, 'relationships')
      const named = site ? await nameEdges(site, map, facts) : { map, ...noPurposes }
      heed(scope, named)
      return named
    },
    async summary(scope, facts, accepted) {
      const reason = refusal(scope)
      refusals.delete(scope.owner)
      if (reason !== null) return { ...noSummary, reason }
      const site = await siteOf(scope, 'summary')
      return site ? writeSummary(site, facts, accepted) : noSummary
    },
  }
}

/** Counts what a step's work took, and marks it degraded where there is a reason. */
export function spent<Value extends { readonly usage: WorkUsage }>(
  { spend }: Pick<StepScope<unknown, unknown>, 'spend'>,
  value: Value,
  reason: string | null,
): Value | Degraded<Value> {
  const { calls, inputTokens, outputTokens, costNanoUsd } = value.usage
  if (calls > 0) spend({ tokens: inputTokens + outputTokens, costUsd: usdOf(costNanoUsd) })
  return reason === null ? value : degraded(value, reason)
}

function complexityOf({ results }: Step): ModelAccount['complexity'] {
  const level = results.complexity_assessment?.level.toLowerCase()
  return level === 'high' || level === 'medium' ? level : 'low'
}
