import { describe, expect, test } from 'vitest'
import type { BuiltCell } from '../workbook-builder.ts'
import { auditOf, column, filled } from './audit-of.ts'

const inputs: Record<string, BuiltCell> = {
  ...column('A', 2, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
  ...column('B', 2, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
}

/** Blocks of three rows of `=A#*B#`, each with its subtotals below. */
const subtotalled = (): Record<string, BuiltCell> => {
  const cells: Record<string, BuiltCell> = {}
  for (const top of [2, 6, 10, 14]) {
    for (let row = top; row < top + 3; row++) {
      Object.assign(cells, { [`A${row}`]: row, [`B${row}`]: row * 2, [`C${row}`]: `=A${row}*B${row}` })
    }
    for (const letter of ['A', 'B', 'C']) cells[`${letter}${top + 3}`] = `=SUM(${letter}${top}:${letter}${top + 2})`
  }
  return cells
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

describe('a run with subtotals in it', () => {
  test('is no break', async () => {
    expect(await auditOf('formula-break', { Data: subtotalled() })).toEqual([])
    expect(await auditOf('constant-in-run', { Data: subtotalled() })).toEqual([])
  })

  test.each(['C6', 'C7', 'C8', 'C16'])('does not hide a wrong reference in %s', async (cell) => {
    const row = Number(cell.slice(1))
    const sheet = { ...subtotalled(), [cell]: `=A${row}*B${row - 1}` }
    expect(await auditOf('formula-break', { Data: sheet })).toMatchObject([
      { range: cell, evidence: { expected: `=A${row}*B${row}`, support: 11 } },
    ])
  })

  test.each(['C6', 'C8'])('does not hide a constant in %s', async (cell) => {
    const found = await auditOf('constant-in-run', { Data: { ...subtotalled(), [cell]: 55 } })
    expect(found.map((finding) => finding.range)).toEqual([cell])
  })

  test('is told without its subtotals where breaks stand on both sides of one', async () => {
    const sheet = { ...subtotalled(), C8: '=A8*B7', C10: '=A10*B9' }
    const found = await auditOf('formula-break', { Data: sheet })
    expect(new Set(found.map((finding) => finding.range))).toEqual(new Set(['C8', 'C10']))
  })
})

describe('formulas that differ from their run by a $', () => {
  test.each([
    ['C6', '=$A$6*B6', '=A6*B6', 'above and below', 'the reference to A6 is fixed with $ where the others move'],
    ['C10', '=A10*B$10', '=A10*B10', 'above', 'the reference to B10 is fixed with $ where the others move'],
    ['C2', '=$A$2*B2', '=A2*B2', 'below', 'the reference to A2 is fixed with $ where the others move'],
  ])('%s %s is found, inside the run and at its ends', async (cell, formula, expected, side, words) => {
    const found = await auditOf('formula-break', {
      Data: { ...inputs, ...filled('C', 2, 10, '=A#*B#'), [cell]: formula },
    })
    expect(found[0]?.message).toContain(`the 8 like formulas ${side} suggest`)
    expect(found).toMatchObject([{ range: cell, severity: 'medium', evidence: { found: formula, expected } }])
    expect(found[0]?.message).toContain(words)
  })

  test('a reference that moves where the others are fixed is found', async () => {
    const sheet = { ...inputs, F1: 3, ...filled('C', 2, 10, '=A#*$F$1'), C10: '=A10*F1' }
    const [found] = await auditOf('formula-break', { Data: sheet })
    expect(found?.message).toContain('the reference to F1 moves where the others are fixed with $')
  })

  test('one that reads another cell because of it is graver', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C6: '=A6*$B$2' }
    const [found] = await auditOf('formula-break', { Data: sheet })
    expect(found?.severity).toBe('high')
    expect(found?.message).toContain('the reference to B2 is fixed with $ where the others move.')
  })

  test('formulas that differ in more than a $ are not told so', async () => {
    const sheet = { ...inputs, ...filled('C', 2, 10, '=A#*B#'), C6: '=$A$6*B5' }
    const [found] = await auditOf('formula-break', { Data: sheet })
    expect(found?.message).not.toContain('fixed with $')
  })
})
