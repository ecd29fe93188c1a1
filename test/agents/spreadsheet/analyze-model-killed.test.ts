import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FaultServer } from '../../../actors/models/fault-server.ts'
import type { AnalysisResult } from '../../../agents/spreadsheet/report/analysis-result.ts'
import { startTroupe, troupe } from '../../runtime/cli/troupe-command.ts'
import { audit, createAuditor, questionIn } from './auditor-server.ts'
import { manySheets } from './many-sheets.ts'
import { unresolvedNumbers } from './number-checker.ts'

const MODEL = 'openai/gpt-5-mini'
const RUN = /^Run (\S+) is kept/m

let folder: string
let book: string
let server: FaultServer
/** The sheets that were asked about, in order. */
let asked: string[]
/** Answers that never end are given to these requests. */
let stalled: (sheet: string) => boolean

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-model-killed-'))
  book = join(folder, 'book.xlsx')
  writeFileSync(book, manySheets(6))
})
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  vi.stubEnv('OPENAI_API_KEY', 'sk-test')
  asked = []
  stalled = () => false
  server = await createAuditor((request) => {
    const { task, data } = questionIn(request)
    const sheet = task === 'study' ? (JSON.parse(data) as { facts: { name: string } }).facts.name : task
    asked.push(sheet)
    return stalled(sheet) ? { ...audit(request), stallAfter: 0 } : null
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

/** Begins a durable run and kills it when its fourth sheet is being asked about. Resolves to the run. */
async function killed(db: string, ...words: readonly string[]): Promise<{ runId: string; reported: string[] }> {
  stalled = (sheet) => sheet === 'Sheet 4'
  const model = ['--model', MODEL, '--base-url', server.baseURL, ...words]
  const running = startTroupe(['analyze', book, '--db', db, '--concurrency', '1', ...model, '--json'])
  await vi.waitFor(() => expect(asked).toContain('Sheet 4'), 20_000)
  running.process.kill('SIGKILL')
  const { err } = await running.ended
  stalled = () => false
  return {
    runId: RUN.exec(err)?.[1] ?? '',
    reported: err.split('\n').flatMap((line) => (line.endsWith(': reported') ? [line.split(':')[0] ?? ''] : [])),
  }
}

describe('an analysis with --model and --db that is killed', () => {
  it('asks about no sheet again that it has paid for, and keeps what was settled', async () => {
    const { runId, reported } = await killed(join(folder, 'kept.sqlite'))
    expect(reported).toEqual(['Sheet 1', 'Sheet 2', 'Sheet 3'])
    const before = asked.splice(0)
    const { code, out, err } = await troupe('analyze', '--resume', runId, '--db', join(folder, 'kept.sqlite'), '--json')
    expect({ code, err }).toMatchObject({ code: 0 })
    const result = JSON.parse(out) as AnalysisResult
    expect(before).toEqual(['Sheet 1', 'Sheet 2', 'Sheet 3', 'Sheet 4'])
    // The one that was cut off is asked again: whether it was answered, nobody knows.
    expect(asked.filter((sheet) => sheet.startsWith('Sheet')).sort()).toEqual(['Sheet 4', 'Sheet 5', 'Sheet 6'])
    expect(result.status).toBe('completed')
    expect(unresolvedNumbers(result)).toEqual([])
    const tokens = new Map(result.workbook.sheets.map((sheet) => [sheet.name, sheet.tokens]))
    const told = server.requests.map((request) => audit(request).usage)
    const settled = told.reduce((sum, usage) => sum + (usage?.input ?? 0) + (usage?.output ?? 0), 0)
    // What was in doubt is counted as used: never less than what the provider has charged.
    expect(result.usage.inputTokens + result.usage.outputTokens).toBeGreaterThanOrEqual(settled)
    expect(tokens.get('Sheet 4')).toBeGreaterThan(2 * (tokens.get('Sheet 5') ?? 0))
    for (const name of ['Sheet 1', 'Sheet 2', 'Sheet 3']) expect(tokens.get(name)).toBeGreaterThan(0)
    expect(result.usage.calls).toBe(server.requests.length)
  })

  it('goes on with the model, the server and the budget it began with, and takes no others', async () => {
    const db = join(folder, 'terms.sqlite')
    const { runId } = await killed(db, '--budget', '50000', '--max-cost', '2')
    for (const [name, value] of Object.entries({ model: MODEL, budget: '1', 'max-cost': '9', price: '1,1' })) {
      const { code, err } = await troupe('analyze', '--resume', runId, '--db', db, `--${name}`, value)
      expect([code, err]).toEqual([2, expect.stringContaining(`--${name} cannot be changed in a run that has begun`)])
    }
    vi.stubEnv('OPENAI_API_KEY', '')
    const keyless = await troupe('analyze', '--resume', runId, '--db', db)
    expect([keyless.code, keyless.err]).toEqual([2, expect.stringContaining('OPENAI_API_KEY is not set')])
    vi.stubEnv('OPENAI_API_KEY', 'sk-test')
    const { code, out } = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    const result = JSON.parse(out) as AnalysisResult
    expect([code, result.status]).toEqual([0, 'completed'])
    expect(result.workbook.sheets.reduce((sum, { budget }) => sum + budget, 0)).toBe(30_000)
    expect(result.usage.inputTokens + result.usage.outputTokens).toBeLessThanOrEqual(50_000)
    const again = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    expect(again.out).toBe(out)
  })
})
