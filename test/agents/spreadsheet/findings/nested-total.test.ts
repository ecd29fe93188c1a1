import { describe, expect, test } from 'vitest'
import { auditOf, column } from './audit-of.ts'

const blocks = { ...column('B', 2, [10, 20, 30]), B5: '=SUM(B2:B4)', ...column('B', 6, [40, 50]), B8: '=SUM(B6:B7)' }

describe('totals that include a subtotal', () => {
  test('a total over items and their subtotals counts them twice', async () => {
    const found = await auditOf('nested-total', { Data: { ...blocks, B9: '=SUM(B2:B8)' } })
    expect(found).toMatchObject([
      { range: 'B9', severity: 'high', evidence: { subtotal: 'B5', subtotalArea: 'B2:B4' } },
    ])
  })

  test('a total on another sheet is found as well', async () => {
    const found = await auditOf('nested-total', { Data: blocks, Sum: { A1: '=SUM(Data!B2:B8)' } })
    expect(found).toMatchObject([{ sheet: 'Sum', range: 'A1' }])
  })

  test('a total of subtotals alone is fine', async () => {
    expect(await auditOf('nested-total', { Data: { ...blocks, B9: '=B5+B8', B10: '=SUM(B5,B8)' } })).toEqual([])
  })

  test('half of everything and SUBTOTAL are meant so', async () => {
    const halved = { ...blocks, B9: '=SUM(B2:B8)/2' }
    const subtotals = {
      ...column('B', 2, [1, 2]),
      B4: '=SUBTOTAL(9,B2:B3)',
      ...column('B', 5, [3, 4]),
      B7: '=SUBTOTAL(9,B2:B6)',
    }
    expect(await auditOf('nested-total', { Halved: halved, Subtotals: subtotals })).toEqual([])
  })

  test('a total next to another is fine', async () => {
    expect(
      await auditOf('nested-total', { Data: { ...blocks, C2: '=SUM(A2:B2)', C3: '=SUM(A3:B3)', C9: '=SUM(C2:C8)' } }),
    ).toEqual([])
  })
})
