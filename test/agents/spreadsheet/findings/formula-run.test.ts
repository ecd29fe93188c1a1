import { describe, expect, test } from 'vitest'
import type { BuiltCell } from '../workbook-builder.ts'
import { auditOf, column, filled } from './audit-of.ts'

const inputs: Record<string, BuiltCell> = {
  ...column('A', 2, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
  ...column('B', 2, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
}

describe('constants in a run of formulas', () => {
  test('a pasted value among like formulas is found with the formula that belongs there', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C6: 31 }
    const [found, ...more] = await auditOf('constant-in-run', { Data: sheet })
    expect(more).toEqual([])
    expect(found).toMatchObject({
      range: 'C6',
      severity: 'high',
      evidence: { found: 31, expected: '=A6*B6', support: 8 },
    })
  })

  test('the same break seen down and across is one finding', async () => {
    const sheet = {
      ...inputs,
      ...filled('C', 2, 10, '=$A#*2'),
      ...filled('D', 2, 10, '=$A#*2'),
      ...filled('E', 2, 10, '=$A#*2'),
      D5: 7,
    }
    expect((await auditOf('constant-in-run', { Data: sheet })).map((finding) => finding.range)).toEqual(['D5'])
  })

  test('constants at the ends of a run are opening and closing values', async () => {
    const sheet = { ...inputs, ...filled('C', 3, 9, '=C2+A#'), C2: 100, C10: 55 }
    expect(await auditOf('constant-in-run', { Data: sheet })).toEqual([])
  })

  test('constants in another block are not compared across the gap', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 5, '=A#*2'), C7: 12, ...filled('C', 9, 10, '=A#*2') }
    expect(await auditOf('constant-in-run', { Data: sheet })).toEqual([])
  })

  test('an input that alternates with formulas is a layout', async () => {
    const values = Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? `=A${at + 2}*2` : at))
    expect(await auditOf('constant-in-run', { Data: { ...inputs, ...column('C', 2, values) } })).toEqual([])
  })

  test('of two values converted into each other either may be typed in', async () => {
    const both = { ...filled('C', 2, 9, '=D#*37'), ...column('D', 2, [1, 2, 3, 4, 5, 6, 7, 8]), C5: 111, D5: '=C5/37' }
    expect(await auditOf('constant-in-run', { Data: both })).toEqual([])
  })
})

describe('formulas that break a run', () => {
  test('a wrong reference among copies is found', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C7: '=A7*B6' }
    const [found, ...more] = await auditOf('formula-break', { Data: sheet })
    expect(more).toEqual([])
    expect(found).toMatchObject({ range: 'C7', severity: 'high', evidence: { found: '=A7*B6', expected: '=A7*B7' } })
  })

  test('neighbours that differ alike are one finding', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C6: '=A6*B5', C7: '=A7*B6' }
    expect((await auditOf('formula-break', { Data: sheet })).map((finding) => finding.range)).toEqual(['C6:C7'])
  })

  test('a total under the run is no break', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C11: '=SUM(C2:C10)' }
    expect(await auditOf('formula-break', { Data: sheet })).toEqual([])
  })

  test('a subtotal inside the run is no break', async () => {
    const sums = { A6: '=SUM(A2:A5)', B6: '=SUM(B2:B5)', C6: '=SUM(C2:C5)' }
    expect(await auditOf('formula-break', { Data: { ...inputs, ...filled('C', 2, 10, '=A#*B#'), ...sums } })).toEqual(
      [],
    )
  })

  test('a sum of what stands above in a row that has its own data is a break', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=SUM(A#:B#)'), C6: '=SUM(C2:C5)' }
    expect((await auditOf('formula-break', { Data: sheet })).map((finding) => finding.range)).toEqual(['C6'])
  })

  test('a last formula that reads the row before is a break', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#/B#'), C10: '=A9/B9' }
    expect(await auditOf('formula-break', { Data: sheet })).toMatchObject([
      { range: 'C10', evidence: { expected: '=A10/B10' } },
    ])
  })

  test('a first formula that starts a series is no break', async () => {
    const series = Array.from({ length: 8 }, (_, at) => `=C${at + 2}+A${at + 3}`)
    const sheet = { ...inputs, C2: '=A2', ...column('C', 3, series) }
    expect(await auditOf('formula-break', { Data: sheet })).toEqual([])
  })

  test('a row of its own between rows of one formula is no break', async () => {
    const rows = ['D', 'E', 'F', 'G'].flatMap((letter) => [
      ...Object.entries(filled(letter, 2, 9, '=$A#*2')),
      [`${letter}5`, '=$A5/$B5'],
    ])
    expect(await auditOf('formula-break', { Data: { ...inputs, ...Object.fromEntries(rows) } })).toEqual([])
  })

  test('the same formula written in another order is no break', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C7: '=+B7*A7' }
    expect(await auditOf('formula-break', { Data: sheet })).toEqual([])
  })

  test('a percentage row among amounts is no break', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C6: { formula: 'A6/B6', cached: 1.25, format: '0%' } }
    expect(await auditOf('formula-break', { Data: sheet })).toEqual([])
  })
})
