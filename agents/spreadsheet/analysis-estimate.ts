import { plainUsage } from '../../actors/model-call-choice.ts'
import { namedPrices, providerOf } from '../../actors/named-models.ts'
import { namedProvider } from '../../actors/named-provider.ts'
import { structuredOutput } from '../../actors/models/structured-output.ts'
import { createTokenEstimator } from '../../actors/token-estimate.ts'
import { usdOf } from '../../machines/nano-usd.ts'
import type { AnalysisTerms } from './analysis-terms.ts'
import { DATA_LENGTH, type ModelQuestion, requestOf } from './model/ask-model.ts'
import { edgesQuestion } from './model/name-edges.ts'
import { studyQuestion } from './model/study-sheet.ts'
import { summaryQuestion } from './model/write-summary.ts'
import { planAgents } from './phases/agent-plan.ts'
import { type StepName, stepBudget } from './phases/analysis-steps.ts'
import { mapRelationships } from './phases/relationship-analysis.ts'
import { analyzeSheet } from './phases/sheet-analysis.ts'
import { summarySources } from './phases/summary-sources.ts'
import type { WorkbookFacts } from './phases/workbook-facts.ts'

/** What a step would ask of a model: how many calls, what they would send, and what they could say and cost at most. */
export interface StepEstimate {
  readonly step: StepName | 'total'
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Null where nobody knows the price. */
  readonly costUsd: number | null
  /** The tokens that the step may spend; a step that needs more shortens what it sends. */
  readonly budget: number
}

/** What a run with one model would come to. */
export interface ModelEstimate {
  /** `provider/model`; null where none was named: then there are tokens and no price. */
  readonly model: string | null
  readonly steps: readonly StepEstimate[]
}

/** What a run on a workbook would use and cost with each of the models. Nobody is asked. */
export async function estimateAnalysis(facts: WorkbookFacts, terms: AnalysisTerms): Promise<readonly ModelEstimate[]> {
  const { models, baseUrl } = terms
  const estimator = createTokenEstimator()
  const prices = await namedPrices({ models, price: terms.price })
  const asked = questionsOf(facts)

  async function estimate(model: string | null): Promise<ModelEstimate> {
    const isFree = model !== null && namedProvider(providerOf(model), baseUrl).free
    const steps: StepEstimate[] = []
    for (const [step, questions] of asked) {
      const part = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 as number | null }
      for (const question of questions) {
        const { output, ...request } = requestOf(question, 'low')
        const form = structuredOutput(output)
        const whole = { ...request, output: { name: form.name, schema: form.schema } }
        const input = await estimator.estimate(model ?? 'any/any', whole)
        const cost = model === null ? null : isFree ? 0 : prices.costOf(model, plainUsage(input, question.answer.most))
        part.inputTokens += input
        part.outputTokens += question.answer.most
        part.costNanoUsd = part.costNanoUsd === null || cost === null ? null : part.costNanoUsd + cost
      }
      const { costNanoUsd, ...tokens } = part
      const costUsd = costNanoUsd === null ? null : usdOf(costNanoUsd)
      steps.push({ step, calls: questions.length, ...tokens, costUsd, budget: stepBudget(step, terms.budget) })
    }
    return { model, steps: [...steps, totalOf(steps, terms.budget)] }
  }

  return Promise.all(models.length === 0 ? [estimate(null)] : models.map(estimate))
}

function questionsOf(facts: WorkbookFacts): (readonly [StepName, readonly ModelQuestion<unknown>[]])[] {
  const { most } = DATA_LENGTH
  const { agents } = planAgents(facts.sheets, facts.sha256, 0)
  const map = mapRelationships(facts)
  // What models will claim is not known: the statements by rule stand for it.
  const claims = facts.digests.flatMap((digest) => analyzeSheet(digest).claims)
  const studies = facts.digests.map((digest, at) =>
    studyQuestion(digest, agents[at]?.strategy ?? 'general_analyst', most),
  )
  return [
    ['sheet_analysis', studies],
    ['relationship_analysis', map.edges.length === 0 ? [] : [edgesQuestion(map, most)]],
    ['synthesis', [summaryQuestion(summarySources(facts, claims), most)]],
  ]
}

function totalOf(steps: readonly StepEstimate[], budget: number): StepEstimate {
  const sum = (part: (step: StepEstimate) => number): number => steps.reduce((all, step) => all + part(step), 0)
  const isKnown = steps.every(({ costUsd }) => costUsd !== null)
  const nano = sum(({ costUsd }) => Math.round((costUsd ?? 0) * 1e9))
  return {
    step: 'total',
    calls: sum(({ calls }) => calls),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costUsd: isKnown ? usdOf(nano) : null,
    budget,
  }
}
