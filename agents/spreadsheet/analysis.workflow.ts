import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { degraded } from '../../actors/degraded.ts'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import type { Models } from '../../actors/define-models.ts'
import type { WorkflowBudget } from '../../machines/workflow.contract.ts'
import { type Address, parseAddress, TroupeError } from '../../runtime/index.ts'
import { analysisTermsSchema } from './analysis-terms.ts'
import { createModelWork, spent } from './model/model-work.ts'
import { type AgentPlan, agentSuffix, planAgents } from './phases/agent-plan.ts'
import { analysisSteps, defaultBudget, defaultConcurrency, type StepName, stepBudget } from './phases/analysis-steps.ts'
import { validateClaims } from './phases/claim-validation.ts'
import { workbookComplexity } from './phases/complexity-assessment.ts'
import { type Analysed, createAnalysisKeeper, sha256Of } from './kept-analysis.ts'
import { analyzeModel, type DeterministicAnalysis } from './phases/deterministic-analysis.ts'
import { analyzeSheet } from './phases/sheet-analysis.ts'
import type { Pause } from './phases/workbook-model.ts'
import { LEVELS } from './security/threat.ts'
import { defineSheetAgent, durableSheetAgent, sheetAgent, type SheetAgent } from './sheet-agent.actor.ts'
import { createWorkbookShelf, type WorkbookShelf } from './workbook-shelf.ts'

/** What an analysis starts from. */
const analysisInput = z.object({
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('file'), path: z.string().min(1), sha256: z.string().optional() }),
    z.object({ kind: z.literal('sample') }),
  ]),
  /** Blocks a workbook whose security level is worse than this one. */
  blockAbove: z.enum(LEVELS).optional(),
  /** What the run was begun with, for whoever goes on with it. The definition is what counts. */
  terms: analysisTermsSchema.optional(),
})

/** What an analysis is given to start from. */
export type AnalysisInput = z.input<typeof analysisInput>

/** What the deployment of the analysis decides. */
export interface AnalysisOptions {
  /** How many sheet agents are at work at once. Default 10. */
  readonly concurrency?: number
  readonly shelf?: WorkbookShelf
  /** What each run may spend, split among its steps and sheets. Default 100 000 tokens. */
  readonly budget?: WorkflowBudget
  /** The models that study sheets, name relationships and write the summary. Default: all is written by rule. */
  readonly models?: Models
  /** The agents of the sheets; their runtime hosts them. Default: agents with the same models. */
  readonly agent?: SheetAgent
  /**
   * Runs and their sheet agents outlive the process, as do the calls of durable models. Their runtime needs a journal, and
   * hosts all of `analysisActors`.
   */
  readonly durability?: 'durable'
}

/**
 * The analysis of a workbook in seven steps, as an actor type: facts and findings by rule, a rating, an agent a sheet, the map
 * of sheets, the check of every claim, the report. `analysisResult` makes the report of what it ends with.
 */
export function defineWorkbookAnalysis(options: AnalysisOptions = {}) {
  const { concurrency = defaultConcurrency, shelf = createWorkbookShelf(), durability, models } = options
  const { budget = { tokens: defaultBudget } } = options
  const isDurable = durability === 'durable'
  if (models && isDurable) assertDurable(models)
  const agent = options.agent ?? agentOf(models, durability)
  const keeper = createAnalysisKeeper()
  const work = createModelWork(models)
  const settings = { ...(isDurable ? { durability } : {}), ...(models ? { budget } : {}) }
  return defineWorkflow('workbook-analysis', { input: analysisInput, ...settings })
    .step('deterministic_analysis', {
      ...settingsOf('deterministic_analysis'),
      run: async ({ input: { source, blockAbove }, signal, owner, ref, spawn }): Promise<Analysed> => {
        const earlier = isDurable ? await keeper.recall({ owner, ref }) : null
        if (earlier) return earlier
        const pause = pauseOf(signal)
        const opened = await shelf.open(source, pause)
        await pause()
        const analysis = analyzeModel(opened, blockAbove === undefined ? {} : { blockAbove })
        return isDurable ? keeper.keep(analysis, { owner, spawn }) : analysis
      },
    })
    .step('complexity_assessment', {
      ...settingsOf('complexity_assessment'),
      after: ['deterministic_analysis'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: async ({ results, ref }) =>
        workbookComplexity(factsOf(await keeper.bring(results.deterministic_analysis, { ref }))),
    })
    .step('agent_creation', {
      ...settingsOf('agent_creation'),
      after: ['complexity_assessment'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: async ({ results, owner, ref }) => {
        const { sheets, sha256 } = factsOf(await keeper.bring(results.deterministic_analysis, { ref }))
        const plan = planAgents(sheets, sha256, stepBudget('sheet_analysis', budget.tokens ?? 0))
        // Who else works on it in a journal is not known: durable agents always carry the name of their run.
        return !isDurable && shelf.hold(sha256, owner) ? plan : besideAnother(plan, owner)
      },
    })
    .map('sheet_analysis', {
      ...settingsOf('sheet_analysis'),
      after: ['agent_creation'],
      when: ({ results }) => passed(results.deterministic_analysis),
      over: ({ results }) => results.agent_creation?.agents ?? [],
      limit: concurrency,
      run: async (scope) => {
        const { item, index, results, ref, spawn } = scope
        const { key, strategy, budget } = item
        const digest = digestOf(await keeper.bring(results.deterministic_analysis, { ref }), index)
        const refusal = work.refusal(scope)
        if (refusal !== null) return degraded(analyzeSheet(digest, refusal), refusal)
        const node = () => scope.budgetNode(({ priority }) => priority)
        const account = await work.account(scope, `sheet-${index}`, node)
        const input = { strategy, budget, digest, account }
        const report = await (await spawn(agent, { key, input, fresh: true })).result()
        work.heed(scope, report)
        return spent(scope, report, report.status === 'degraded' ? (report.reason ?? 'the agent failed') : null)
      },
    })
    .step('relationship_analysis', {
      ...settingsOf('relationship_analysis'),
      optional: true,
      after: ['sheet_analysis'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: async (scope) => {
        const { results, ref } = scope
        const facts = factsOf(await keeper.bring(results.deterministic_analysis, { ref }))
        const named = await work.relationships(scope, facts)
        return spent(scope, named, named.reason)
      },
    })
    .step('validation', {
      ...settingsOf('validation'),
      after: ['sheet_analysis'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: async ({ input, results, signal }) => {
        const { model } = await shelf.take(input.source, sha256Of(results.deterministic_analysis), pauseOf(signal))
        const reports = (results.sheet_analysis ?? []).flatMap((item) => ('value' in item ? [item.value] : []))
        const claims = reports.flatMap((report) => report.claims)
        return model === null ? { checked: 0, accepted: [], rejected: [] } : validateClaims(model, claims)
      },
    })
    .step('synthesis', {
      ...settingsOf('synthesis'),
      after: ['relationship_analysis', 'validation'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: async (scope) => {
        const { results, owner, ref } = scope
        shelf.drop(sha256Of(results.deterministic_analysis), owner)
        const facts = factsOf(await keeper.bring(results.deterministic_analysis, { ref }))
        const written = await work.summary(scope, facts, results.validation?.accepted ?? [])
        return spent(scope, written, written.reason)
      },
    })
}

function agentOf(models: Models | undefined, durability: AnalysisOptions['durability']): SheetAgent {
  if (models) return defineSheetAgent({ models, ...(durability ? { durability } : {}) })
  return durability ? durableSheetAgent : sheetAgent
}

// What is durable pays once only if its calls are, too.
function assertDurable(models: Models): void {
  if (defineModelCall(models).policies.durability === 'durable') return
  throw new TroupeError('INVALID_MESSAGE', 'a durable analysis has models that are not', {
    where: 'defineWorkbookAnalysis.models',
    hint: "define them with durability: 'durable'",
  })
}

// The work on a workbook is one long computation: between its parts IO has a turn, so that a cancel is heard.
function pauseOf(signal: AbortSignal): Pause {
  return async () => {
    await setImmediate()
    signal.throwIfAborted()
  }
}

// Two runs on one workbook have agents of their own, which carry their name where they may meet.
function besideAnother(plan: AgentPlan, run: Address): AgentPlan {
  const suffix = agentSuffix(parseAddress(run).key)
  return { ...plan, agents: plan.agents.map((agent) => ({ ...agent, key: `${agent.key}${suffix}` })) }
}

/** Settings of a step as the specification of the phases gives them. */
function settingsOf(name: StepName) {
  const step = analysisSteps.find((each) => each.name === name)
  return {
    description: step?.description ?? name,
    timeout: step?.timeoutMs ?? 60_000,
    retries: step?.retries ?? 0,
    budget: step?.budgetShare ?? 0,
    // All that a step does is read, and calls of models have names of their own.
    idempotent: true,
  }
}

function passed(analysed: Analysed): boolean {
  return analysed.blocked === null
}

function factsOf(analysis: DeterministicAnalysis) {
  if (analysis.facts === null) throw new Error('a blocked workbook has no facts')
  return analysis.facts
}

function digestOf(analysis: DeterministicAnalysis, sheet: number) {
  const digest = factsOf(analysis).digests[sheet]
  if (digest === undefined) throw new Error(`there is no digest of sheet ${sheet}`)
  return digest
}
