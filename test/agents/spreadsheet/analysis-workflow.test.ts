import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analysisResult, defineWorkbookAnalysis, sheetAgent } from '../../../agents/spreadsheet/pack.ts'
import { createWorkbookShelf } from '../../../agents/spreadsheet/workbook-shelf.ts'
import { createRuntime, type InspectionRecord, parseAddress } from '../../../runtime/index.ts'
import { sampleWorkbook } from '../../../agents/spreadsheet/sample/sample-workbook.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-analysis-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the workbook analysis', () => {
  it('runs an agent a sheet, never more at once than asked for', async () => {
    let active = 0
    let most = 0
    let agents = 0
    const watch = (record: InspectionRecord): void => {
      if (record.kind !== 'actor.started' && record.kind !== 'actor.stopped') return
      if (parseAddress(record.address).type !== 'sheet-agent') return
      active += record.kind === 'actor.started' ? 1 : -1
      agents += record.kind === 'actor.started' ? 1 : 0
      most = Math.max(most, active)
    }
    const analysis = defineWorkbookAnalysis({ concurrency: 2 })
    const runtime = await createRuntime({ actors: [analysis, sheetAgent], inspect: watch })
    const run = await runtime.spawn(analysis, { input: { source: { kind: 'sample' } } })
    await run.result()
    await runtime.stop()
    expect({ agents, most, active }).toEqual({ agents: 6, most: 2, active: 0 })
  })

  it('keeps what is finished when it is cancelled, and says how far it got', async () => {
    const analysis = defineWorkbookAnalysis()
    const runtime = await createRuntime({ actors: [analysis, sheetAgent] })
    const run = await runtime.spawn(analysis, { key: 'r', input: { source: { kind: 'sample' } } })
    run.on('step.completed', ({ step }) => {
      if (step === 'agent_creation') void run.send({ type: 'workflow.cancel', reason: 'enough' })
    })
    const result = analysisResult(await run.result(), { runId: 'r', title: null })
    await runtime.stop()
    expect(result.steps.map(({ status }) => status).slice(0, 3)).toEqual(['completed', 'completed', 'completed'])
    expect(result.steps.at(-1)?.status).not.toBe('completed')
    expect(result.status).not.toBe('completed')
    expect(result.findings.length).toBeGreaterThan(5)
    expect(result.report).toMatch(/^# /)
  })

  it('hears a cancel while a workbook is being opened', async () => {
    const analysis = defineWorkbookAnalysis()
    const runtime = await createRuntime({ actors: [analysis, sheetAgent] })
    const run = await runtime.spawn(analysis, { input: { source: { kind: 'sample' } } })
    const asked = setImmediate(() => void run.send({ type: 'workflow.cancel', reason: 'changed my mind' }))
    const { status, steps } = await run.result()
    clearImmediate(asked)
    await runtime.stop()
    expect([status, steps[0]?.status]).toEqual(['cancelled', 'cancelled'])
  })

  it('runs several times at once on one workbook, each with agents of its own', async () => {
    const analysis = defineWorkbookAnalysis()
    const agents: string[] = []
    const runtime = await createRuntime({
      actors: [analysis, sheetAgent],
      inspect: (record) => {
        if (record.kind === 'actor.started' && parseAddress(record.address).type === 'sheet-agent')
          agents.push(record.address)
      },
    })
    const results = await Promise.all(
      ['a', 'b', 'c'].map(async (key) => {
        const run = await runtime.spawn(analysis, { key, input: { source: { kind: 'sample' } } })
        return analysisResult(await run.result(), { runId: key, title: null })
      }),
    )
    await runtime.stop()
    expect(results.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
    expect(agents).toHaveLength(18)
    expect(agents.some((address) => address.includes('~'))).toBe(true)
  })

  it('keeps no more than the workbooks opened last', async () => {
    const shelf = createWorkbookShelf()
    const hashes: string[] = []
    for (const seed of [1, 2, 3, 4, 5]) {
      const path = join(folder, `shelf-${seed}.xlsx`)
      writeFileSync(path, sampleWorkbook(seed))
      hashes.push((await shelf.open({ kind: 'file', path })).integrity.sha256)
      rmSync(path)
    }
    const gone = { kind: 'file', path: join(folder, 'shelf-1.xlsx') } as const
    expect((await shelf.take(gone, hashes[4] ?? '')).integrity.sha256).toBe(hashes[4])
    await expect(shelf.take(gone, hashes[0] ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('fails with the reason when the file vanishes before it is opened', async () => {
    const analysis = defineWorkbookAnalysis()
    const runtime = await createRuntime({ actors: [analysis, sheetAgent] })
    const run = await runtime.spawn(analysis, { input: { source: { kind: 'file', path: join(folder, 'gone.xlsx') } } })
    const result = analysisResult(await run.result(), { runId: 'r', title: null })
    await runtime.stop()
    expect(result.status).toBe('failed')
    expect(result.reason).toMatch(/gone.xlsx cannot be read: there is no such file/)
    expect(result.steps[0]?.status).toBe('failed')
  })

  it('refuses to check claims against a workbook that changed since', async () => {
    const path = join(folder, 'changing.xlsx')
    writeFileSync(path, sampleWorkbook(1))
    const shelf = createWorkbookShelf()
    const { integrity } = await shelf.open({ kind: 'file', path })
    shelf.hold(integrity.sha256, 'run')
    shelf.drop(integrity.sha256, 'run')
    writeFileSync(path, sampleWorkbook(2))
    await expect(shelf.take({ kind: 'file', path }, integrity.sha256)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('analyses several workbooks at once in one runtime without mixing them up', async () => {
    const analysis = defineWorkbookAnalysis()
    const runtime = await createRuntime({ actors: [analysis, sheetAgent] })
    const results = await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const path = join(folder, `book-${seed}.xlsx`)
        writeFileSync(path, sampleWorkbook(seed))
        const run = await runtime.spawn(analysis, { input: { source: { kind: 'file', path } } })
        return analysisResult(await run.result(), { runId: `${seed}`, title: null })
      }),
    )
    await runtime.stop()
    expect(results.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
    expect(new Set(results.map(({ workbook }) => workbook.sha256)).size).toBe(3)
  })
})
