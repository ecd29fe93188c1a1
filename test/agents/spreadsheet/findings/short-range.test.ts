import { describe, expect, test } from 'vitest'
import { auditOf, column, filled } from './audit-of.ts'

const amounts = column('B', 2, [10, 20, 30, 40, 50, 60, 70, 80])

describe('ranges that stop short', () => {
  test('a total that leaves out the last rows of its block is found with what it misses', async () => {
    const found = await auditOf('short-range', { Data: { ...amounts, B10: '=SUM(B2:B7)' } })
    expect(found).toMatchObject([{ range: 'B10', severity: 'high', evidence: { area: 'B2:B7', missed: 'B8:B9' } }])
  })

  test('totals side by side that stop short alike are one finding', async () => {
    const sheet = { ...amounts, ...column('C', 2, [1, 2, 3, 4, 5, 6, 7, 8]), B10: '=SUM(B2:B8)', C10: '=SUM(C2:C8)' }
    expect((await auditOf('short-range', { Data: sheet })).map((finding) => finding.range)).toEqual(['B10:C10'])
  })

  test('a total on another sheet that misses an added row is found', async () => {
    const sheets = { Data: amounts, Sum: { A1: '=SUM(Data!B2:B8)' } }
    expect(await auditOf('short-range', sheets)).toMatchObject([
      { sheet: 'Sum', range: 'A1', evidence: { missed: 'Data!B9' } },
    ])
  })

  test('formulas left out of a total are found as numbers are', async () => {
    const sheet = { ...amounts, ...filled('C', 2, 9, '=B#*2'), C10: '=SUM(C2:C7)' }
    expect((await auditOf('short-range', { Data: sheet })).map((finding) => finding.evidence.missed)).toEqual(['C8:C9'])
  })

  test('a total that starts later than the one beside it, past a number, is found', async () => {
    const sheet = { ...amounts, ...column('C', 2, [1, 2, 3, 4, 5, 6, 7, 8]), B10: '=SUM(B2:B9)', C10: '=SUM(C3:C9)' }
    expect(await auditOf('short-range', { Data: sheet })).toMatchObject([{ range: 'C10', evidence: { missed: 'C2' } }])
  })

  test('a total that starts later than the one beside it, past a blank, is fine', async () => {
    const sheet = { ...amounts, ...column('C', 3, [2, 3, 4, 5, 6, 7, 8]), B10: '=SUM(B2:B9)', C10: '=SUM(C3:C9)' }
    expect(await auditOf('short-range', { Data: sheet })).toEqual([])
  })

  test('a total of its whole block is fine', async () => {
    expect(await auditOf('short-range', { Data: { ...amounts, B10: '=SUM(B2:B9)' } })).toEqual([])
  })

  test('a second statistic under the total is fine', async () => {
    const sheet = { ...amounts, B10: '=SUM(B2:B9)', B11: '=AVERAGE(B2:B9)', B12: '=MAX(B2:B9)' }
    expect(await auditOf('short-range', { Data: sheet })).toEqual([])
  })

  test('a moving or growing window is no range that stops short', async () => {
    const moving = column('C', 4, [
      '=AVERAGE(B2:B4)',
      '=AVERAGE(B3:B5)',
      '=AVERAGE(B4:B6)',
      '=AVERAGE(B5:B7)',
      '=AVERAGE(B6:B8)',
    ])
    const growing = filled('D', 4, 8, '=SUM(B$2:B#)')
    expect(await auditOf('short-range', { Data: { ...amounts, ...moving, ...growing } })).toEqual([])
  })

  test('parts that are totalled one after the other are fine', async () => {
    const sheet = { ...amounts, D1: '=SUM(B2:B7)', D2: '=SUM(B8:B9)' }
    expect(await auditOf('short-range', { Data: sheet })).toEqual([])
  })

  test('a total typed in under the range is not a row left out', async () => {
    expect(await auditOf('short-range', { Data: { ...amounts, B10: 360, B11: '=SUM(B2:B9)/8' } })).toEqual([])
  })

  test('a block behind a gap is another block', async () => {
    expect(await auditOf('short-range', { Data: { ...amounts, B11: 5, B12: 6, B14: '=SUM(B2:B9)' } })).toEqual([])
  })
})
