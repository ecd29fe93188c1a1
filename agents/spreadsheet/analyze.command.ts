import { realpath, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, createRuntime, EXIT, type Invocation, usageError, wholeNumber } from '../../runtime/index.ts'
import { analysisResult } from './analysis-outcome.ts'
import { showProgress } from './analysis-progress.ts'
import { defineWorkbookAnalysis } from './analysis.workflow.ts'
import type { AnalysisResult } from './report/analysis-result.ts'
import { LEVELS, type SecurityLevel } from './security/threat.ts'
import { sheetAgent } from './sheet-agent.actor.ts'
import type { WorkbookSource } from './workbook-shelf.ts'

// Named by the specification, and of use only with parts that this version does not have: better refused than ignored.
const NOT_YET: Readonly<Record<string, string>> = {
  model: 'model calls are not in this version; without --model the report is written by rule',
  'max-cost': 'nothing costs money without model calls, which are not in this version',
  nats: 'running over NATS is not in this version; all agents run in this process',
  resume: 'runs do not outlive their process in this version; start the analysis again',
}

/** `troupe analyze`. */
export const analyze: Command = {
  name: 'analyze',
  summary: 'Analyse a workbook and write a reviewed report. Without FILE, a sample with planted faults.',
  usage: '[FILE] [options]',
  options: {
    json: { type: 'boolean', description: 'print one JSON object in place of the report' },
    out: { type: 'string', value: 'FILE', description: 'write the report to a file in place of standard output' },
    budget: { type: 'string', value: 'TOKENS', description: 'tokens to split among steps and sheets (100000)' },
    concurrency: { type: 'string', value: 'N', description: 'sheet agents at work at once (10)' },
    'block-above': {
      type: 'string',
      value: 'LEVEL',
      description: `block files worse than ${LEVELS.slice(0, -1).join(', ')}`,
    },
    model: { type: 'string', value: 'NAME', description: 'not in this version', hidden: true },
    'max-cost': { type: 'string', value: 'USD', description: 'not in this version', hidden: true },
    nats: { type: 'string', value: 'URL', description: 'not in this version', hidden: true },
    resume: { type: 'string', value: 'RUN', description: 'not in this version', hidden: true },
  },
  examples: [
    'troupe analyze',
    'troupe analyze book.xlsx --out report.md',
    "troupe analyze book.xlsx --json | jq '.findings[] | {sheet, range, message}'",
  ],
  run: runAnalysis,
}

async function runAnalysis({ positionals, options, terminal, signal }: Invocation): Promise<number> {
  for (const [name, reason] of Object.entries(NOT_YET)) {
    if (options[name] !== undefined) throw usageError(`--${name} cannot be used: ${reason}`)
  }
  if (positionals.length > 1) {
    throw usageError(`one FILE at a time, not ${positionals.length}`, 'call it once for each workbook')
  }
  const budget = wholeNumber(options['budget'], 'budget', 0)
  const concurrency = wholeNumber(options['concurrency'], 'concurrency', 1)
  const blockAbove = securityLevel(options['block-above'])
  const source = await sourceOf(positionals[0])
  if (options['out'] === '') throw usageError('--out takes the name of a file')
  await refuseOverwrite(source, options['out'])
  const title = source.kind === 'file' ? basename(source.path) : 'the sample workbook'
  if (source.kind === 'sample') terminal.note('No FILE was given: this is a sample workbook with planted faults.')

  const analysis = defineWorkbookAnalysis(concurrency === undefined ? {} : { concurrency })
  const runtime = await createRuntime({ actors: [analysis, sheetAgent] })
  const ended = showProgress(runtime, terminal)
  try {
    const input = {
      source,
      ...(budget === undefined ? {} : { budget }),
      ...(blockAbove === undefined ? {} : { blockAbove }),
    }
    const run = await runtime.spawn(analysis, { input })
    const cancel = (): void => void run.send({ type: 'workflow.cancel', reason: 'interrupted' })
    signal.addEventListener('abort', cancel, { once: true })
    const runId = run.address.slice(run.address.lastIndexOf('/') + 1)
    const result = analysisResult(await run.result(), { runId, title })
    ended()
    const delivered = await deliver(result, { json: options['json'] === true, out: options['out'] }, terminal)
    return delivered ? exitCode(result, signal) : EXIT.crashed
  } finally {
    ended()
    await runtime.stop()
  }
}

/** False when the report did not get to the file it was meant for. */
async function deliver(
  result: AnalysisResult,
  { json, out }: { json: boolean; out: string | boolean | undefined },
  terminal: Invocation['terminal'],
): Promise<boolean> {
  let written = false
  if (typeof out === 'string') {
    try {
      await writeFile(out, result.report)
      written = true
      terminal.note(`The report is in ${out}.`)
    } catch (error) {
      // The work is done: what cannot be written to the file is not lost.
      terminal.note(`${out} cannot be written: ${(error as Error).message}. The report follows here.`)
    }
  }
  if (json) await terminal.out(`${JSON.stringify(result, null, 2)}\n`)
  else if (!written) await terminal.out(result.report)
  if (result.status !== 'completed') terminal.note(`${result.status}: ${result.reason ?? 'no reason given'}`)
  return written || typeof out !== 'string'
}

function exitCode({ status }: AnalysisResult, signal: AbortSignal): number {
  if (signal.aborted) return EXIT.interrupted
  if (status === 'blocked') return EXIT.blocked
  return status === 'failed' ? EXIT.failed : EXIT.done
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
async function refuseOverwrite(source: WorkbookSource, out: string | boolean | undefined): Promise<void> {
  if (source.kind !== 'file' || typeof out !== 'string') return
  const [from, to] = await Promise.all([realpath(source.path), realpath(out).catch(() => null)])
  if (from === to) throw usageError(`--out ${out} is the workbook itself`, 'name another file for the report')
}

function securityLevel(value: string | boolean | undefined): SecurityLevel | undefined {
  if (value === undefined) return undefined
  const level = LEVELS.find((each) => each === String(value).toUpperCase())
  if (level) return level
  throw usageError(`--block-above takes a level, not '${String(value)}'`, `the levels are: ${LEVELS.join(', ')}`)
}
