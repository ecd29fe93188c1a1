import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatRange, parseCell, parseRange } from '../../../../agents/spreadsheet/formulas/cell-reference.ts'
import { analyzeWorkbook } from '../../../../agents/spreadsheet/phases/analyze-workbook.ts'
import { analyzeDeterministically } from '../../../../agents/spreadsheet/phases/deterministic-analysis.ts'
import { analyzeSheet } from '../../../../agents/spreadsheet/phases/sheet-analysis.ts'
import { digestLength } from '../../../../agents/spreadsheet/phases/sheet-digest.ts'
import { sheetReportSchema } from '../../../../agents/spreadsheet/phases/sheet-report.ts'
import { analysisResultSchema } from '../../../../agents/spreadsheet/report/analysis-result.ts'
import { plantedFaults, sampleWorkbook } from '../../../../agents/spreadsheet/sample/sample-workbook.ts'

/** Faults of the sample by the kinds of finding that report them. */
const reportedAs = {
  'broken-reference': ['cached-error'],
  'constant-in-run': ['constant-in-run'],
  'formula-break': ['formula-break'],
  'short-range': ['short-range'],
  'circular-reference': ['circular-reference'],
  'number-as-text': ['number-as-text'],
} as const

describe('the sample workbook', () => {
  test.each(plantedFaults.map((fault) => [fault.kind, fault] as const))(
    'its planted %s is found',
    async (kind, fault) => {
      const { findings } = await analyzeWorkbook(sampleWorkbook())
      const kinds: readonly string[] = reportedAs[kind]
      const found = findings.filter((finding) => finding.sheet === fault.sheet && kinds.includes(finding.kind))
      const missed = fault.cells.filter(
        (cell) => !found.some((finding) => covers(finding.range, finding.evidence.path, cell)),
      )
      expect(missed).toEqual([])
    },
  )

  test.each([2, 3, 99])('with other numbers (seed %i) the same faults are found', async (seed) => {
    const ids = async (bytes: Uint8Array) => (await analyzeWorkbook(bytes)).findings.map((finding) => finding.id)
    expect(await ids(sampleWorkbook(seed))).toEqual(await ids(sampleWorkbook(1)))
  })

  test('the result is what the schema promises and every claim of the rules holds', async () => {
    const result = await analyzeWorkbook(sampleWorkbook())
    expect(analysisResultSchema.parse(result)).toEqual(result)
    expect(result).toMatchObject({ status: 'completed', reason: null, rejectedClaims: [], usage: { calls: 0 } })
    expect(result.steps.map((step) => step.status)).toEqual(Array.from({ length: 7 }, () => 'completed'))
  })

  test('the same bytes give the same result', async () => {
    expect(await analyzeWorkbook(sampleWorkbook())).toEqual(await analyzeWorkbook(sampleWorkbook()))
  })

  test('times come from the clock that is handed in', async () => {
    let tick = 0
    const result = await analyzeWorkbook(sampleWorkbook(), { now: () => new Date(tick++ * 1000).toISOString() })
    expect(result.steps[1]).toMatchObject({
      startedAt: '1970-01-01T00:00:02.000Z',
      endedAt: '1970-01-01T00:00:03.000Z',
    })
  })

  test('budgets of the sheets add up to the share of the step', async () => {
    const { workbook } = await analyzeWorkbook(sampleWorkbook(), { budget: 1001 })
    expect(workbook.sheets.reduce((sum, sheet) => sum + sheet.budget, 0)).toBe(600)
  })
})

describe('the deterministic analysis', () => {
  test('survives a journal: its result is plain JSON', async () => {
    const analysis = await analyzeDeterministically(sampleWorkbook())
    expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis)
  })

  test('digests every sheet within bounds', async () => {
    const { facts } = await analyzeDeterministically(sampleWorkbook())
    expect(facts?.digests.map((digest) => digest.facts.name)).toEqual(facts?.sheets.map((sheet) => sheet.name))
    for (const digest of facts?.digests ?? []) expect(JSON.stringify(digest).length).toBeLessThanOrEqual(digestLength)
  })

  test('blocks what is worse than the level it is told, and not what is at it', async () => {
    const linked = readFileSync(join(import.meta.dirname, '../../../fixtures/workbooks/closedxml-external-refs.xlsx'))
    const at = async (blockAbove: 'LOW' | 'MEDIUM') =>
      (await analyzeDeterministically(linked, { blockAbove })).blocked?.code
    expect(await at('LOW')).toBe('SECURITY')
    expect(await at('MEDIUM')).toBeUndefined()
  })
})

describe('a file that is no workbook', () => {
  test('is blocked with the reason, and no later phase runs', async () => {
    const page = new TextEncoder().encode('<!DOCTYPE html><html><body>Sign in</body></html>')
    const result = await analyzeWorkbook(page)
    expect(result).toMatchObject({ status: 'blocked', security: { level: 'UNKNOWN' }, findings: [] })
    expect(result.reason).not.toBeNull()
    expect(result.steps.map((step) => step.status)).toEqual([
      'completed',
      ...Array.from({ length: 6 }, () => 'skipped'),
    ])
    expect(analysisResultSchema.parse(result)).toEqual(result)
  })
})

describe('the report of a sheet by rule', () => {
  test('is what an agent may hand back', async () => {
    const { facts } = await analyzeDeterministically(sampleWorkbook())
    for (const digest of facts?.digests ?? []) {
      const report = analyzeSheet(digest)
      expect(sheetReportSchema.parse(report)).toEqual(report)
    }
  })

  test('says why it is degraded when an agent failed', async () => {
    const { facts } = await analyzeDeterministically(sampleWorkbook())
    const [digest] = facts?.digests ?? []
    expect(digest && analyzeSheet(digest, 'the model timed out')).toMatchObject({
      status: 'degraded',
      reason: 'the model timed out',
    })
  })
})

function covers(range: string | null, path: unknown, cell: string): boolean {
  if (Array.isArray(path) && path.includes(cell)) return true
  const area = parseRange(range ?? '')
  const at = parseCell(cell)
  if (area === null || at === null) return false
  const inside = at.row >= area.top && at.row <= area.bottom && at.column >= area.left && at.column <= area.right
  return inside && formatRange(area) !== ''
}
