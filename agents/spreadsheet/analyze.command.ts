import { realpath, stat } from 'node:fs/promises'
import {
  type Command,
  createRuntime,
  EXIT,
  type Invocation,
  parseAddress,
  usageError,
  wholeNumber,
} from '../../runtime/index.ts'
import { deliver, type DeliveryOrder } from './analysis-delivery.ts'
import { analysisResult } from './analysis-outcome.ts'
import { showProgress } from './analysis-progress.ts'
import { analysisActors } from './analysis-actors.ts'
import type { AnalysisInput, AnalysisOptions } from './analysis.workflow.ts'
import { beginAnalysis, resumeAnalysis } from './durable-analysis.ts'
import { LEVELS, type SecurityLevel } from './security/threat.ts'
import { analysisOptions, modelsOf, TERMS_OPTIONS, termsOf } from './terms-options.ts'
import { titleOf, type WorkbookSource } from './workbook-shelf.ts'

// Named by the specification, and of use only with parts that this version does not have: better refused than ignored.
const NOT_YET: Readonly<Record<string, string>> = {
  nats: 'running over NATS is not in this version; all agents run in this process',
}

/** `troupe analyze`. */
export const analyze: Command = {
  name: 'analyze',
  summary: 'Analyse a workbook and write a reviewed report. Without FILE, a sample with planted faults.',
  usage: '[FILE] [options]',
  options: {
    json: { type: 'boolean', description: 'print one JSON object in place of the report' },
    out: { type: 'string', value: 'FILE', description: 'write the report to a file in place of standard output' },
    ...TERMS_OPTIONS,
    concurrency: { type: 'string', value: 'N', description: 'sheet agents at work at once (10)' },
    'block-above': {
      type: 'string',
      value: 'LEVEL',
      description: `block files worse than ${LEVELS.slice(0, -1).join(', ')}`,
    },
    db: { type: 'string', value: 'DB', description: 'keep the run in a SQLite file: it can go on after its process' },
    resume: { type: 'string', value: 'RUN', description: 'go on with a run that --db keeps, or print its report' },
    nats: { type: 'string', value: 'URL', description: 'not in this version', hidden: true },
  },
  examples: [
    'troupe analyze',
    'troupe analyze book.xlsx --out report.md',
    'troupe analyze book.xlsx --db run.sqlite',
    'troupe analyze book.xlsx --model openai/gpt-5-mini --max-cost 0.50',
    'troupe analyze book.xlsx --model lmstudio/qwen3-8b --budget 200000',
    "troupe analyze book.xlsx --json | jq '.findings[] | {sheet, range, message}'",
  ],
  run: runAnalysis,
}

async function runAnalysis(invocation: Invocation): Promise<number> {
  const { positionals, options, terminal, openJournal } = invocation
  for (const [name, reason] of Object.entries(NOT_YET)) {
    if (options[name] !== undefined) throw usageError(`--${name} cannot be used: ${reason}`)
  }
  if (positionals.length > 1) {
    throw usageError(`one FILE at a time, not ${positionals.length}`, 'call it once for each workbook')
  }
  const concurrency = wholeNumber(options['concurrency'], 'concurrency', 1)
  const order = { json: options['json'] === true, out: options['out'] }
  if (order.out === '') throw usageError('--out takes the name of a file')
  const { db } = options
  const resume = resumedRun(invocation)
  if (resume !== undefined) {
    const journal = await openJournal(db)
    return resumeAnalysis({ journal, db: String(db), concurrency, order }, resume, invocation)
  }
  const terms = termsOf(options)
  const blockAbove = securityLevel(options['block-above'])
  const source = await sourceOf(positionals[0])
  for (const name of ['out', 'db']) await refuseOverwrite(source, name, options[name])
  if (source.kind === 'sample') terminal.note('No FILE was given: this is a sample workbook with planted faults.')
  const input = {
    source,
    terms,
    ...(blockAbove === undefined ? {} : { blockAbove }),
  }
  if (db === undefined) {
    const models = await modelsOf(terms)
    return analyzeOnce({ input, options: analysisOptions(terms, concurrency, models), order }, invocation)
  }
  await modelsOf(terms, 'durable')
  const journal = await openJournal(db)
  return beginAnalysis({ journal, db: String(db), concurrency, order }, input, invocation)
}

async function analyzeOnce(
  { input, options, order }: { input: AnalysisInput; options: AnalysisOptions; order: DeliveryOrder },
  { terminal, signal }: Invocation,
): Promise<number> {
  const { analysis, actors } = analysisActors(options)
  const runtime = await createRuntime({ actors })
  const ended = showProgress(runtime, terminal)
  try {
    const run = await runtime.spawn(analysis, { input })
    const cancel = (): void => void run.send({ type: 'workflow.cancel', reason: 'interrupted' })
    signal.addEventListener('abort', cancel, { once: true })
    const { key: runId } = parseAddress(run.address)
    const result = analysisResult(await run.result(), { runId, title: titleOf(input.source) })
    ended()
    const code = await deliver(result, order, terminal)
    return signal.aborted && code !== EXIT.crashed ? EXIT.interrupted : code
  } finally {
    ended()
    await runtime.stop()
  }
}

// What a run began with is part of it: it cannot be changed on the way.
function resumedRun({ positionals, options }: Invocation): string | undefined {
  const { resume } = options
  if (resume === undefined) return undefined
  if (resume === '') throw usageError('--resume takes the id of a run', "'troupe runs --db DB' lists them")
  if (options['db'] === undefined) {
    throw usageError('--resume needs the file that keeps the run', `troupe analyze --resume ${String(resume)} --db DB`)
  }
  if (positionals.length > 0) {
    throw usageError('--resume takes no FILE', 'a run goes on with the workbook it began with')
  }
  for (const name of [...Object.keys(TERMS_OPTIONS), 'block-above']) {
    if (options[name] !== undefined) throw usageError(`--${name} cannot be changed in a run that has begun`)
  }
  return String(resume)
}

async function sourceOf(path: string | undefined): Promise<WorkbookSource> {
  if (path === undefined) return { kind: 'sample' }
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw usageError(`${path} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  if (!facts.isFile()) throw usageError(`${path} is not a file`, 'give the path of one workbook')
  return { kind: 'file', path }
}

// The workbook is what the user cannot get back.
async function refuseOverwrite(
  source: WorkbookSource,
  name: string,
  given: string | boolean | undefined,
): Promise<void> {
  if (source.kind !== 'file' || typeof given !== 'string') return
  const [from, to] = await Promise.all([realpath(source.path), realpath(given).catch(() => null)])
  if (from === to) throw usageError(`--${name} ${given} is the workbook itself`, 'name another file')
}

function securityLevel(value: string | boolean | undefined): SecurityLevel | undefined {
  if (value === undefined) return undefined
  const level = LEVELS.find((each) => each === String(value).toUpperCase())
  if (level) return level
  throw usageError(`--block-above takes a level, not '${String(value)}'`, `the levels are: ${LEVELS.join(', ')}`)
}
