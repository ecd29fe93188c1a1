import { describe, expect, test } from 'vitest'
import { detect } from '../../../../agents/spreadsheet/findings/detect.ts'
import { workbookOf } from '../workbook-builder.ts'
import { auditedOf, auditOf, column, filled } from './audit-of.ts'

describe('circular references', () => {
  test('a circle is one finding with its path', async () => {
    const sheets = { Data: { A1: '=B1+1', B1: '=C1+1', C1: '=A1+1' } }
    expect(await auditOf('circular-reference', sheets)).toMatchObject([
      { severity: 'high', range: 'A1', evidence: { cells: 3, path: ['A1', 'B1', 'C1'] } },
    ])
  })

  test('a cell inside the range it adds up refers to itself', async () => {
    const found = await auditOf('circular-reference', { Data: { ...column('A', 1, [1, 2, 3]), A4: '=SUM(A1:A4)' } })
    expect(found.map((finding) => finding.message)).toEqual(['A4 refers to itself. Its value cannot be relied on.'])
  })

  test('with iterative calculation on it is meant, and weighs less', async () => {
    const built = workbookOf({ Data: { A1: '=A1+1' } })
    const { findings } = detect(await auditedOf({ ...built, calculation: { mode: 'auto', iterative: true } }))
    expect(findings[0]).toMatchObject({ kind: 'circular-reference', severity: 'medium' })
  })

  test('a chain is no circle', async () => {
    expect(await auditOf('circular-reference', { Data: { A1: 1, A2: '=A1', A3: '=A2' } })).toEqual([])
  })
})

describe('hard-coded constants', () => {
  test('a rate inside formulas is one finding with all its cells', async () => {
    const found = await auditOf('hard-coded-constant', {
      Data: { ...column('A', 1, [1, 2, 3]), ...filled('B', 1, 3, '=A#*0.19') },
    })
    expect(found).toMatchObject([{ severity: 'low', range: 'B1:B3', evidence: { number: 0.19, cells: 3 } }])
  })

  test('a percentage is the number it means', async () => {
    expect((await auditOf('hard-coded-constant', { Data: { A1: 1, B1: '=A1*19%' } }))[0]?.evidence.number).toBe(0.19)
  })

  test('numbers used once are one finding together, those used often stand alone', async () => {
    const sheet = { ...column('A', 1, [1, 2, 3]), ...filled('B', 1, 3, '=A#*0.19'), C1: '=A1*3.3', C2: '=A2+17' }
    const found = await auditOf('hard-coded-constant', { Data: sheet })
    expect(found.map(({ range, evidence }) => [range, evidence.number ?? evidence.numbers])).toEqual([
      ['B1:B3', 0.19],
      ['C1:C2', [3.3, 17]],
    ])
  })

  test('numbers of time and scale, arguments, exponents and comparisons are not constants to move', async () => {
    const sheet = {
      A1: 5,
      B1: '=A1*12',
      B2: '=A1/1000',
      B3: '=ROUND(A1,3)',
      B4: '=A1^3',
      B5: '=IF(A1>17,1,0)',
      B6: '=100*A1',
    }
    expect(await auditOf('hard-coded-constant', { Data: sheet })).toEqual([])
  })
})

describe('references to empty cells', () => {
  test('a few formulas that read blanks, unlike their copies, are worth a look', async () => {
    const sheet = { ...column('A', 1, [1, 2, null, 4, 5, 6]), ...filled('B', 1, 6, '=A#*2') }
    expect(await auditOf('empty-reference', { Data: sheet })).toMatchObject([{ severity: 'low', range: 'B3' }])
  })

  test('a form that waits to be filled is one note', async () => {
    const found = await auditOf('empty-reference', { Data: { ...filled('B', 1, 6, '=A#*2'), D1: '=C1+1' } })
    expect(found).toMatchObject([{ severity: 'info', evidence: { cells: 7 } }])
  })

  test('a formula that asks whether a cell is blank may read blank cells', async () => {
    const sheet = { B1: '=IF(A1="",0,A1)', B2: '=ISBLANK(A2)', B3: '=COUNTA(A1:A9)' }
    expect(await auditOf('empty-reference', { Data: sheet })).toEqual([])
  })
})

describe('recalculation', () => {
  test('a value that its formula does not give is found with both values', async () => {
    const sheet = { A1: 2, B1: { formula: 'A1*3', cached: 7 }, B2: { formula: 'A1*4', cached: 8 } }
    expect(await auditOf('recalculation-mismatch', { Data: sheet })).toMatchObject([
      { range: 'B1', severity: 'high', evidence: { cached: 7, computed: 6 } },
    ])
  })

  test('manual calculation is a finding, graver when values are stale', async () => {
    const manual = async (cached: number) => {
      const built = workbookOf({ Data: { A1: 2, B1: { formula: 'A1*3', cached } } })
      const { findings } = detect(await auditedOf({ ...built, calculation: { mode: 'manual', iterative: false } }))
      return findings.find((finding) => finding.kind === 'manual-calculation')?.severity
    }
    expect(await manual(6)).toBe('medium')
    expect(await manual(7)).toBe('high')
  })

  test('automatic calculation with right values is no finding', async () => {
    const sheet = { A1: 2, B1: { formula: 'A1*3', cached: 6 } }
    expect(await auditOf('manual-calculation', { Data: sheet })).toEqual([])
    expect(await auditOf('recalculation-mismatch', { Data: sheet })).toEqual([])
  })
})

describe('the audit', () => {
  const sheets = {
    Data: { ...column('A', 1, [1, 2, 3, 4]), ...filled('B', 1, 4, '=A#*0.19*3.3'), C1: '=1/0', D1: '#REF!' },
  }

  test('gives every finding an id of its own, the same each time', async () => {
    const ids = async () => detect(await auditedOf(workbookOf(sheets))).findings.map((finding) => finding.id)
    const first = await ids()
    expect(new Set(first).size).toBe(first.length)
    expect(await ids()).toEqual(first)
  })

  test('keeps the gravest findings when there are too many, and counts the rest', async () => {
    const audited = await auditedOf(workbookOf(sheets))
    const all = detect(audited)
    const { findings, omitted } = detect(audited, 1)
    expect(findings).toEqual(all.findings.slice(0, 1))
    expect(findings[0]?.severity).toBe('high')
    expect(omitted).toBe(all.findings.length - 1)
  })

  test('survives a journal: findings are plain JSON', async () => {
    const { findings } = detect(await auditedOf(workbookOf(sheets)))
    expect(JSON.parse(JSON.stringify(findings))).toEqual(findings)
  })
})
