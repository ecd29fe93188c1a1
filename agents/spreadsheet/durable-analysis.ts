import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import {
  address,
  createRuntime,
  EXIT,
  type Invocation,
  isTroupeError,
  type Journal,
  type Runtime,
  TroupeError,
} from '../../runtime/index.ts'
import { deliver, type DeliveryOrder } from './analysis-delivery.ts'
import { showProgress } from './analysis-progress.ts'
import { analysisActors } from './analysis-actors.ts'
import { type AnalysisTerms, analysisTermsSchema } from './analysis-terms.ts'
import type { AnalysisInput, defineWorkbookAnalysis } from './analysis.workflow.ts'
import { readAnalysis, type StoredAnalysis, storedResult } from './stored-analysis.ts'
import { analysisOptions, modelsOf } from './terms-options.ts'
import { assertUnchanged, hashOf } from './workbook-shelf.ts'

/** An analysis that outlives its process, and what is wanted of it. */
export interface DurableOrder {
  /** Closed when the work is over. */
  readonly journal: Journal
  /** The file of the journal, as the user named it. */
  readonly db: string
  readonly concurrency: number | undefined
  readonly order: DeliveryOrder
}

type Site = Pick<Invocation, 'terminal' | 'signal'>

/** Begins a durable run and sees it through. Resolves to the exit code. */
export function beginAnalysis(order: DurableOrder, input: AnalysisInput, site: Site): Promise<number> {
  return closing(order, async () => {
    const { source } = input
    // The process that goes on with it may stand in another folder, and must not take another workbook for this one.
    const lasting =
      source.kind === 'file' ? { ...source, path: resolve(source.path), sha256: await hashOf(source) } : source
    const terms = analysisTermsSchema.parse(input.terms ?? {})
    return work({ ...order, terms }, site, async (runtime, analysis) => {
      // To be typed again: short, and without the dash in front that would make it an option.
      const key = randomBytes(8).toString('hex')
      await runtime.spawn(analysis, { key, input: { ...input, source: lasting } })
      site.terminal.note(`Run ${key} is kept in ${order.db}. Should it be cut off: ${wayOn(order, key)}`)
      return key
    })
  })
}

/** Goes on with a durable run, or prints the report of one that has ended. Resolves to the exit code. */
export function resumeAnalysis(order: DurableOrder, runId: string, site: Site): Promise<number> {
  return closing(order, async () => {
    const stored = await readAnalysis(await order.journal.view('local'), runId)
    if (stored.ended) return report(order, stored, site)
    if (stored.awaited !== null) await assertUnchanged(stored.source, stored.awaited)
    return work({ ...order, terms: stored.terms }, site, async () => {
      site.terminal.note(`Run ${runId} goes on: ${progressOf(stored)}.`)
      return runId
    })
  })
}

async function closing(order: DurableOrder, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } finally {
    await order.journal.close()
  }
}

type Analysis = ReturnType<typeof defineWorkbookAnalysis>

/** Works on the run that `begin` names until it has ended or the user interrupts, and reports what the journal then has. */
async function work(
  order: DurableOrder & { readonly terms: AnalysisTerms },
  site: Site,
  begin: (runtime: Runtime, analysis: Analysis) => Promise<string>,
): Promise<number> {
  const { journal, concurrency, terms } = order
  const options = analysisOptions(terms, concurrency, await modelsOf(terms, 'durable'))
  const { analysis, actors } = analysisActors({ ...options, durability: 'durable' })
  // Other runs in the file are not this command's: they wait until they are asked for.
  const runtime = await createRuntime({ actors, journal, wake: 'asked' })
  let runId: string | null = null
  let ended = (): void => {}
  try {
    runId = await begin(runtime, analysis)
    ended = showProgress(runtime, site.terminal, runId)
    const result = runtime.ref(address('local', analysis.type, runId)).result()
    await Promise.race([result, aborted(site.signal)])
  } catch (error) {
    throw runId === null ? error : cutOff(order, runId, error)
  } finally {
    ended()
    await runtime.stop()
  }
  const stored = await readAnalysis(await journal.view('local'), runId)
  if (stored.ended) return report(order, stored, site)
  site.terminal.note(`Interrupted: ${progressOf(stored)}. Go on with: ${wayOn(order, runId)}`)
  return EXIT.interrupted
}

async function report({ journal, order }: DurableOrder, stored: StoredAnalysis, { terminal }: Site): Promise<number> {
  return deliver(await storedResult(await journal.view('local'), stored), order, terminal)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

// A journal that cannot be written stops the run: it would promise what it does not keep.
function cutOff(order: DurableOrder, runId: string, error: unknown): unknown {
  if (!isTroupeError(error)) return error
  const { code, message, hint } = error
  const then = `what was written is not lost: ${wayOn(order, runId)}`
  return new TroupeError(code, `run ${runId} was cut off: ${message}`, {
    where: order.db,
    hint: hint === undefined ? then : `${hint}; ${then}`,
    cause: error,
  })
}

function progressOf({ steps, sheets }: StoredAnalysis): string {
  const ofSheets = sheets ? `, ${sheets.done} of ${sheets.total} sheets` : ''
  return `${steps.done} of ${steps.total} steps are done${ofSheets}`
}

function wayOn({ db }: DurableOrder, runId: string): string {
  const file = /^[\w./-]+$/.test(db) ? db : `'${db.replaceAll("'", `'\\''`)}'`
  return `troupe analyze --resume ${runId} --db ${file}`
}
