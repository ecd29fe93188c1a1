// Spawn the analysis of a workbook as an actor, follow its steps, and read what it found.
import { createRuntime } from 'troupe'
import { analysisResult, defineWorkbookAnalysis, sheetAgent } from 'troupe/agents/spreadsheet'

const path = process.argv[2]
const source = path === undefined ? { kind: 'sample' as const } : { kind: 'file' as const, path }

const analysis = defineWorkbookAnalysis({ concurrency: 4 })
const runtime = await createRuntime({ actors: [analysis, sheetAgent] })

const run = await runtime.spawn(analysis, { key: 'run-1', input: { source } })
run.on('step.completed', ({ step, attempts }) => console.log(`${step} done at attempt ${attempts}`))

const { status, workbook, findings } = analysisResult(await run.result(), { runId: 'run-1', title: path ?? 'sample' })
console.log(`${status}: ${workbook.totals.cells} cells, ${workbook.totals.formulas} formulas`)
for (const { severity, sheet, range, message } of findings) console.log(`${severity} ${sheet}!${range} ${message}`)

await runtime.stop()
