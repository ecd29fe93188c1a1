import { describe, expect, test } from 'vitest'
import { auditOf, column } from './audit-of.ts'

describe('numbers stored as text', () => {
  test('texts that read as numbers among numbers are found', async () => {
    const [found, ...more] = await auditOf('number-as-text', {
      Data: { A1: 'Amount', ...column('A', 2, [10, '1,200', 30, '40', 50, 60]) },
    })
    expect(more).toEqual([])
    expect(found).toMatchObject({ range: 'A3:A5', severity: 'medium', evidence: { cells: 2, ranges: ['A3', 'A5'] } })
  })

  test('a total that ignores them makes it worse and is named', async () => {
    const sheet = { A1: 'Amount', ...column('A', 2, [10, '20', 30, 40]), A6: '=SUM(A2:A5)' }
    const [found] = await auditOf('number-as-text', { Data: sheet })
    expect(found).toMatchObject({ range: 'A3', severity: 'high', evidence: { ignoredBy: 'A6' } })
  })

  test('codes are not numbers', async () => {
    const zip = { A1: 'Zip code', ...column('A', 2, [10115, '80331', 20095, 50667]) }
    const padded = { A1: 'Amount', ...column('A', 2, [1, '0042', 3, 4]) }
    expect(await auditOf('number-as-text', { Zip: zip, Padded: padded })).toEqual([])
  })

  test('a year as text on top of numbers is their header', async () => {
    expect(await auditOf('number-as-text', { Data: column('B', 1, ['2024', 10, 20, 30]) })).toEqual([])
  })

  test('a column of texts that nothing calculates with is left alone', async () => {
    expect(await auditOf('number-as-text', { Data: { A1: 'Size', ...column('A', 2, ['1', '2', '3']) } })).toEqual([])
  })
})

describe('rows of numbers as text', () => {
  test('a row through many columns is one finding', async () => {
    const sheet = Object.assign({}, ...['B', 'C', 'D'].map((letter) => column(letter, 2, [1, 2, '1.9%', 4])))
    expect((await auditOf('number-as-text', { Data: sheet })).map((finding) => finding.range)).toEqual(['B4:D4'])
  })

  test('a row of column numbers in brackets is a row of labels', async () => {
    const sheet = { B1: 'Births', C1: 'Deaths', ...column('B', 2, ['(1)', 10, 20]), ...column('C', 2, ['(2)', 30, 40]) }
    expect(await auditOf('number-as-text', { Data: sheet })).toEqual([])
  })
})
