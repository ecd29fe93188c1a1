import { plainUsage } from '../../actors/model-call-choice.ts'
import { namedPrices, providerOf } from '../../actors/named-models.ts'
import { namedProvider } from '../../actors/named-provider.ts'
import { structuredOutput } from '../../actors/models/structured-output.ts'
import { createTokenEstimator } from '../../actors/token-estimate.ts'
import { NO_USAGE } from '../../machines/model-usage.ts'
import { usdOf } from '../../machines/nano-usd.ts'
import type { AnalysisTerms } from './analysis-terms.ts'
import { DATA_LENGTH, type MakeQuestion, type ModelQuestion, requestOf, roomFor } from './model/ask-model.ts'
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

/** A call that its share of the budget does not cover as it is meant. */
export interface TightCall {
  readonly step: StepName
  /** Null for a call about the whole workbook. */
  readonly sheet: string | null
  /** `left_out` is not made: what it is for is written by rule. `shortened` sends less of the data. */
  readonly outcome: 'left_out' | 'shortened'
  /** The fewest tokens that it needs, and those that it may spend. */
  readonly least: number
  readonly budget: number
}

/** What a run with one model would come to. */
export interface ModelEstimate {
  /** `provider/model`; null where none was named: then there are tokens and no price. */
  readonly model: string | null
  readonly steps: readonly StepEstimate[]
  /** The calls that do not fit into the budget. */
  readonly tight: readonly TightCall[]
}

/** What a run on a workbook would use and cost with each of the models. Nobody is asked. */
export async function estimateAnalysis(facts: WorkbookFacts, terms: AnalysisTerms): Promise<readonly ModelEstimate[]> {
  const { models, baseUrl } = terms
  const estimator = createTokenEstimator()
  const prices = await namedPrices({ models, price: terms.price })
  const asked = questionsOf(facts, terms.budget)

  async function estimate(model: string | null): Promise<ModelEstimate> {
    const isHere = model !== null && namedProvider(providerOf(model), baseUrl).free
    // What somebody says that a model costs holds, wherever it is.
    const isFree = isHere && prices.costOf(model, NO_USAGE) === null
    const steps: StepEstimate[] = []
    const tight: TightCall[] = []
    const inputOf = (question: ModelQuestion<unknown>): Promise<number> => {
      const { output, ...request } = requestOf(question, 'low')
      const { name, schema } = structuredOutput(output)
      return estimator.estimate(model ?? 'any/any', { ...request, output: { name, schema } })
    }
    for (const [step, questions] of asked) {
      const part = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 as number | null }
      for (const call of questions) {
        const question = call.make(DATA_LENGTH.most)
        const input = await inputOf(question)
        const misfit = await tightCall(call, input, inputOf)
        if (misfit) tight.push({ step, sheet: call.sheet, ...misfit })
        const cost = model === null ? null : isFree ? 0 : prices.costOf(model, plainUsage(input, question.answer.most))
        part.inputTokens += input
        part.outputTokens += question.answer.most
        part.costNanoUsd = part.costNanoUsd === null || cost === null ? null : part.costNanoUsd + cost
      }
      const { costNanoUsd, ...tokens } = part
      const costUsd = costNanoUsd === null ? null : usdOf(costNanoUsd)
      steps.push({ step, calls: questions.length, ...tokens, costUsd, budget: stepBudget(step, terms.budget) })
    }
    return { model, steps: [...steps, totalOf(steps, terms.budget)], tight }
  }

  return Promise.all(models.length === 0 ? [estimate(null)] : models.map(estimate))
}

interface PlannedCall {
  readonly sheet: string | null
  readonly budget: number
  readonly make: MakeQuestion<unknown>
}

// As the call itself does: it sends less until it fits, and is not made where even the least does not.
async function tightCall(
  { make, budget }: PlannedCall,
  input: number,
  inputOf: (question: ModelQuestion<unknown>) => Promise<number>,
): Promise<Pick<TightCall, 'outcome' | 'least' | 'budget'> | null> {
  const { most, least } = DATA_LENGTH
  const short = make(least)
  const fewest = (await inputOf(short)) + short.answer.least
  if (fewest > budget) return { outcome: 'left_out', least: fewest, budget }
  if (input <= roomFor(budget, most, short.answer.least)) return null
  const half = await inputOf(make(most / 2))
  const isWhole = half === input && half <= roomFor(budget, most / 2, short.answer.least)
  return isWhole ? null : { outcome: 'shortened', least: fewest, budget }
}

function questionsOf(facts: WorkbookFacts, budget: number): (readonly [StepName, readonly PlannedCall[]])[] {
  const { agents } = planAgents(facts.sheets, facts.sha256, stepBudget('sheet_analysis', budget))
  const map = mapRelationships(facts)
  // What models will claim is not known: the statements by rule stand for it.
  const sources = summarySources(
    facts,
    facts.digests.flatMap((digest) => analyzeSheet(digest).claims),
  )
  const studies = facts.digests.map((digest, at): PlannedCall => {
    const { strategy = 'general_analyst', budget: share = 0 } = agents[at] ?? {}
    return {
      sheet: digest.facts.name,
      budget: share,
      make: (length) => studyQuestion(digest, strategy, length),
    }
  })
  const whole = (step: StepName, make: MakeQuestion<unknown>): PlannedCall[] => [
    { sheet: null, budget: stepBudget(step, budget), make },
  ]
  return [
    ['sheet_analysis', studies],
    [
      'relationship_analysis',
      map.edges.length === 0 ? [] : whole('relationship_analysis', (length) => edgesQuestion(map, length)),
    ],
    ['synthesis', whole('synthesis', (length) => summaryQuestion(sources, length))],
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
