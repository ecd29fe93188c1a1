import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { defineWorkflow } from '../../actors/index.ts'
import { type Address, parseAddress } from '../../runtime/index.ts'
import { type AgentPlan, planAgents } from './phases/agent-plan.ts'
import { analysisSteps, defaultBudget, defaultConcurrency, type StepName, stepBudget } from './phases/analysis-steps.ts'
import { validateClaims } from './phases/claim-validation.ts'
import { workbookComplexity } from './phases/complexity-assessment.ts'
import { analyzeModel, type DeterministicAnalysis } from './phases/deterministic-analysis.ts'
import { mapRelationships } from './phases/relationship-analysis.ts'
import type { Pause } from './phases/workbook-model.ts'
import { LEVELS } from './security/threat.ts'
import { sheetAgent } from './sheet-agent.actor.ts'
import { createWorkbookShelf, type WorkbookShelf } from './workbook-shelf.ts'

/** What an analysis starts from. */
const analysisInput = z.object({
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('file'), path: z.string().min(1) }),
    z.object({ kind: z.literal('sample') }),
  ]),
  /** Tokens the whole run may spend; split among the steps and the sheets. */
  budget: z.int().min(0).default(defaultBudget),
  /** Blocks a workbook whose security level is worse than this one. */
  blockAbove: z.enum(LEVELS).optional(),
})

/** What the deployment of the analysis decides. */
export interface AnalysisOptions {
  /** How many sheet agents are at work at once. Default 10. */
  readonly concurrency?: number
  readonly shelf?: WorkbookShelf
}

/**
 * The analysis of a workbook in seven steps, as an actor type: facts and findings by rule, a rating, an agent a sheet, the map
 * of sheets, the check of every claim, the report. `analysisResult` makes the report of what it ends with.
 */
export function defineWorkbookAnalysis({
  concurrency = defaultConcurrency,
  shelf = createWorkbookShelf(),
}: AnalysisOptions = {}) {
  return defineWorkflow('workbook-analysis', { input: analysisInput })
    .step('deterministic_analysis', {
      ...settingsOf('deterministic_analysis'),
      run: async ({ input: { source, blockAbove }, signal }): Promise<DeterministicAnalysis> => {
        const pause = pauseOf(signal)
        const opened = await shelf.open(source, pause)
        await pause()
        return analyzeModel(opened, blockAbove === undefined ? {} : { blockAbove })
      },
    })
    .step('complexity_assessment', {
      ...settingsOf('complexity_assessment'),
      after: ['deterministic_analysis'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: ({ results }) => workbookComplexity(factsOf(results.deterministic_analysis)),
    })
    .step('agent_creation', {
      ...settingsOf('agent_creation'),
      after: ['complexity_assessment'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: ({ input, results, owner }) => {
        const { sheets, sha256 } = factsOf(results.deterministic_analysis)
        const plan = planAgents(sheets, sha256, stepBudget('sheet_analysis', input.budget))
        return shelf.hold(sha256, owner) ? plan : besideAnother(plan, owner)
      },
    })
    .map('sheet_analysis', {
      ...settingsOf('sheet_analysis'),
      after: ['agent_creation'],
      when: ({ results }) => passed(results.deterministic_analysis),
      over: ({ results }) => results.agent_creation?.agents ?? [],
      limit: concurrency,
      actor: sheetAgent,
      key: ({ item }) => item.key,
      input: ({ item, index, results }) => ({
        strategy: item.strategy,
        budget: item.budget,
        digest: digestOf(results.deterministic_analysis, index),
      }),
    })
    .step('relationship_analysis', {
      ...settingsOf('relationship_analysis'),
      optional: true,
      after: ['sheet_analysis'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: ({ results }) => mapRelationships(factsOf(results.deterministic_analysis)),
    })
    .step('validation', {
      ...settingsOf('validation'),
      after: ['sheet_analysis'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: async ({ input, results, signal }) => {
        const { sha256 } = factsOf(results.deterministic_analysis)
        const { model } = await shelf.take(input.source, sha256, pauseOf(signal))
        const reports = (results.sheet_analysis ?? []).flatMap((item) => ('value' in item ? [item.value] : []))
        const claims = reports.flatMap((report) => report.claims)
        return model === null ? { checked: 0, accepted: [], rejected: [] } : validateClaims(model, claims)
      },
    })
    .step('synthesis', {
      ...settingsOf('synthesis'),
      after: ['relationship_analysis', 'validation'],
      when: ({ results }) => passed(results.deterministic_analysis),
      run: ({ results, owner }) => {
        shelf.drop(factsOf(results.deterministic_analysis).sha256, owner)
        // Without a model the report is written from the facts alone, by `analysisResult`.
        return { summary: null }
      },
    })
}

// The work on a workbook is one long computation: between its parts IO has a turn, so that a cancel is heard.
function pauseOf(signal: AbortSignal): Pause {
  return async () => {
    await setImmediate()
    signal.throwIfAborted()
  }
}

// Two runs on one workbook have agents of their own: those of the later one carry its name.
function besideAnother(plan: AgentPlan, run: Address): AgentPlan {
  const suffix = parseAddress(run).key.slice(0, 60)
  return { ...plan, agents: plan.agents.map((agent) => ({ ...agent, key: `${agent.key}~${suffix}` })) }
}

/** Settings of a step as the specification of the phases gives them. */
function settingsOf(name: StepName) {
  const step = analysisSteps.find((each) => each.name === name)
  return {
    description: step?.description ?? name,
    timeout: step?.timeoutMs ?? 60_000,
    retries: step?.retries ?? 0,
  }
}

function passed(analysis: DeterministicAnalysis): boolean {
  return analysis.blocked === null
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
