import type { WorkflowContext } from '../../machines/workflow-context.ts'
import type { StepStatus, WorkflowOutput } from '../../machines/workflow.contract.ts'
import { type Address, address, type JournalView, parseAddress, TroupeError, usageError } from '../../runtime/index.ts'
import { analysisResult, type AnalysisResults } from './analysis-outcome.ts'
import { type AnalysisTerms, analysisTermsSchema } from './analysis-terms.ts'
import type { Analysed } from './kept-analysis.ts'
import { sha256Of } from './kept-analysis.ts'
import type { DeterministicAnalysis } from './phases/deterministic-analysis.ts'
import type { AnalysisResult } from './report/analysis-result.ts'
import { titleOf, type WorkbookSource } from './workbook-shelf.ts'

/** A durable run as its journal has it. */
export interface StoredAnalysis {
  readonly runId: string
  readonly source: WorkbookSource
  /** What it was begun with. */
  readonly terms: AnalysisTerms
  /** What it ended with; null for one that can go on. */
  readonly ended: WorkflowOutput<AnalysisResults> | null
  /** The hash of its workbook, while a step has yet to look at that again. */
  readonly awaited: string | null
  readonly steps: { readonly done: number; readonly total: number }
  readonly sheets: { readonly done: number; readonly total: number } | null
}

const TYPE = 'workbook-analysis'
const OPEN: readonly StepStatus[] = ['waiting', 'running', 'retrying']
const MOST_LISTED = 20

/** Reads a run. Throws a usage error that lists the runs when there is none, CRASHED for one that did not come to a result. */
export async function readAnalysis(view: JournalView, runId: string): Promise<StoredAnalysis> {
  const record = await view.read(runAddress(runId))
  if (!record) throw await unknownRun(view, runId)
  const { status, context, output, error } = record.snapshot
  if (status === 'error' || status === 'stopped') {
    const reason = (error as { readonly message?: string } | undefined)?.message ?? 'it was stopped'
    throw new TroupeError('CRASHED', `run ${runId} did not come to a result: ${reason}`, {
      where: record.address,
      hint: 'analyse the workbook anew',
    })
  }
  const { steps, results, input } = context as WorkflowContext
  const { source, terms } = input as { readonly source: WorkbookSource; readonly terms?: AnalysisTerms }
  const { deterministic_analysis: analysed } = results as { readonly deterministic_analysis?: Analysed }
  const isAwaited = OPEN.includes(steps['validation']?.status ?? 'done')
  const items = steps['sheet_analysis']?.items
  return {
    runId,
    source,
    terms: analysisTermsSchema.parse(terms ?? {}),
    ended: status === 'done' ? (output as WorkflowOutput<AnalysisResults>) : null,
    awaited: isAwaited
      ? analysed
        ? sha256Of(analysed)
        : ((await factsOf(view, runId))?.integrity.sha256 ?? (source.kind === 'file' ? (source.sha256 ?? null) : null))
      : null,
    steps: {
      done: Object.values(steps).filter((step) => !OPEN.includes(step.status)).length,
      total: Object.keys(steps).length,
    },
    sheets: items ? { done: items.done, total: items.total } : null,
  }
}

/** The result of a run that has ended. */
export async function storedResult(view: JournalView, run: StoredAnalysis): Promise<AnalysisResult> {
  const { runId, source, ended } = run
  if (!ended) {
    throw new TroupeError('REJECTED', `run ${runId} has not ended`, { where: runId, hint: 'go on with it first' })
  }
  return analysisResult(ended, { runId, title: titleOf(source) }, await factsOf(view, runId))
}

// A run that was cut off right after it had kept its facts does not know of them yet.
async function factsOf(view: JournalView, runId: string): Promise<DeterministicAnalysis | undefined> {
  const facts = await view.read(address('local', 'workbook-facts', runId))
  return facts?.snapshot.output as DeterministicAnalysis | undefined
}

// An id is what a user typed: it may not even be a key.
function runAddress(runId: string): Address {
  return `local/${TYPE}/${runId}` as Address
}

async function unknownRun(view: JournalView, runId: string): Promise<TroupeError> {
  const runs: string[] = []
  for await (const record of view.records(TYPE)) runs.push(parseAddress(record.address).key)
  const listed = runs.slice(-MOST_LISTED).reverse().join(', ')
  return usageError(
    `there is no run '${runId}'`,
    runs.length === 0
      ? 'the file keeps no analysis: begin one with troupe analyze FILE --db DB'
      : `there are: ${listed}${runs.length > MOST_LISTED ? ' and older ones' : ''}`,
  )
}
