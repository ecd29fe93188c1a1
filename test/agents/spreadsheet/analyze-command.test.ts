import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyzeWorkbook } from '../../../agents/spreadsheet/phases/analyze-workbook.ts'
import { type AnalysisResult, analysisResultSchema } from '../../../agents/spreadsheet/report/analysis-result.ts'
import { plantedFaults, sampleWorkbook } from '../../../agents/spreadsheet/sample/sample-workbook.ts'

const MAIN = join(import.meta.dirname, '../../../runtime/cli/main.ts')

/** What a command printed, and how it ended. */
interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

function troupe(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], { maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

/** The result without what differs from run to run. */
function timeless(result: AnalysisResult): AnalysisResult {
  return { ...result, runId: '', steps: result.steps.map((step) => ({ ...step, startedAt: null, endedAt: null })) }
}

let folder: string
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-analyze-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('troupe analyze', () => {
  it('reports the sample without a file, and says that it is one', async () => {
    const { code, out, err } = await troupe('analyze')
    expect(code).toBe(0)
    expect(out).toContain('# Analysis of the sample workbook')
    expect(err).toContain('No FILE was given')
    expect(err).toContain('P&L: reported')
  })

  it('prints one object that meets the schema and equals the analysis without actors', async () => {
    const path = file('book.xlsx', sampleWorkbook(7))
    const { code, out } = await troupe('analyze', path, '--json')
    expect(code).toBe(0)
    const result = analysisResultSchema.parse(JSON.parse(out))
    expect(timeless(result)).toEqual(timeless(await analyzeWorkbook(sampleWorkbook(7), { title: 'book.xlsx' })))
    expect(
      result.steps.every(({ startedAt, endedAt }) => startedAt !== null && endedAt !== null && startedAt <= endedAt),
    ).toBe(true)
  })

  it('finds every planted fault of the sample', async () => {
    const result = JSON.parse((await troupe('analyze', '--json')).out) as AnalysisResult
    for (const { kind, sheet, cells } of plantedFaults) {
      const told = result.findings
        .filter((finding) => finding.sheet === sheet)
        .map(({ range, message }) => `${range} ${message}`)
      for (const cell of cells)
        expect(
          told.some((text) => text.split(/[^A-Z0-9]+/).includes(cell)),
          `${kind} in ${cell}`,
        ).toBe(true)
    }
  })

  it('writes the report to a file when asked, and still prints the object', async () => {
    const out = join(folder, 'report.md')
    const ended = await troupe('analyze', '--out', out, '--json')
    expect(JSON.parse(ended.out)).toMatchObject({ status: 'completed' })
    expect(readFileSync(out, 'utf8')).toContain('# Analysis of')
  })

  it('never writes over the workbook, however it is named', async () => {
    const path = file('precious.xlsx', sampleWorkbook(3))
    const { code, err } = await troupe('analyze', path, '--out', join(folder, '.', 'precious.xlsx'))
    expect(code).toBe(2)
    expect(err).toContain('is the workbook itself')
    expect(readFileSync(path).equals(sampleWorkbook(3))).toBe(true)
  })

  it('prints the report when the file for it cannot be written', async () => {
    const ended = await troupe('analyze', '--out', join(folder, 'no', 'such', 'folder.md'))
    expect(ended.out).toContain('# Analysis of')
    expect(ended.err).toContain('cannot be written')
    expect(ended.code).toBe(1)
  })

  it('gives each step and sheet its share of the budget, and never more than there is', async () => {
    const { workbook } = JSON.parse((await troupe('analyze', '--json', '--budget', '1000')).out) as AnalysisResult
    const given = workbook.sheets.map((sheet) => sheet.budget)
    expect(given.reduce((sum, each) => sum + each, 0)).toBe(600)
  })

  it('blocks a file whose security level is too high, with exit code 3 and the threats', async () => {
    const path = join(import.meta.dirname, '../../fixtures/workbooks/closedxml-external-refs.xlsx')
    expect((await troupe('analyze', path, '--json', '--block-above', 'MEDIUM')).code).toBe(0)
    const { code, out } = await troupe('analyze', path, '--json', '--block-above', 'low')
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      status: 'blocked',
      steps: [{ status: 'completed' }, { status: 'skipped' }, {}, {}, {}, {}, {}],
    })
  })

  it.each([
    ['empty.xlsx', '', /no bytes/],
    ['page.xlsx', '<!doctype html><html><body>no</body></html>', /HTML/],
    ['cut.xlsx', sampleWorkbook().subarray(0, 4_000), /directory at its end is missing/],
    ['picture.xlsx', Buffer.from('89504e470d0a1a0a0000', 'hex'), /image|picture|PNG/i],
  ])('blocks %s with exit code 3 and its reason, and runs no later step', async (name, bytes, reason) => {
    const { code, out } = await troupe('analyze', file(name, bytes), '--json')
    expect(code).toBe(3)
    const result = analysisResultSchema.parse(JSON.parse(out))
    expect(result.status).toBe('blocked')
    expect(result.reason).toMatch(reason)
    expect(result.steps.slice(1).every((step) => step.status === 'skipped')).toBe(true)
  })

  it.each([
    [['analyze', 'nowhere.xlsx'], /nowhere.xlsx cannot be read: there is no such file/],
    [['analyze', '.'], /is not a file/],
    [['analyze', '--jsn'], /did you mean --json/],
    [['analyze', '--out', ''], /--out takes the name of a file/],
    [['analyze', '--budget', 'lots'], /--budget takes a whole number from 0, not 'lots'/],
    [['analyze', '--concurrency', '0'], /--concurrency takes a whole number from 1/],
    [['analyze', '--block-above', 'SCARY'], /the levels are: LOW, MEDIUM, HIGH, CRITICAL/],
    [['analyze', 'a.xlsx', 'b.xlsx'], /one FILE at a time/],
    [['analyze', '--nats', 'nats://localhost'], /--nats cannot be used: running over NATS is not in this version/],
    [['analise'], /there is no command 'analise'/],
  ])('refuses %j with exit code 2 and what to do', async (words, message) => {
    const { code, out, err } = await troupe(...words)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(message)
  })

  it('helps', async () => {
    expect((await troupe('--help')).out).toContain('analyze')
    expect((await troupe('analyze', '--help')).out).toContain('--block-above LEVEL')
    expect((await troupe('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
