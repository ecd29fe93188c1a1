import { describe, expect, it } from 'vitest'
import { type BuiltCell, workbookOf } from '../workbook-builder.ts'
import { evaluatorOf, recalculated } from './evaluated.ts'

describe('recalculation', () => {
  it('finds the one formula whose saved value is not what it gives', async () => {
    const cells = { A1: 1, A2: 2, A3: { formula: 'SUM(A1:A2)', cached: 99 }, A4: { formula: 'A3+1', cached: 100 } }
    expect(await recalculated(workbookOf({ S: cells }))).toMatchObject({
      checked: 2,
      agreed: 1,
      mismatches: [{ sheet: 'S', cell: 'A3', formula: 'SUM(A1:A2)', cached: 99, computed: 3 }],
    })
  })

  it('carries a wrong value on when everything is computed anew', async () => {
    const cells = { A1: 1, A2: { formula: 'A1*2', cached: 5 }, A3: { formula: 'A2*2', cached: 10 } }
    const found = await recalculated(workbookOf({ S: cells }), { mode: 'full' })
    expect(found.mismatches.map((one) => [one.cell, one.computed])).toEqual([
      ['A2', 2],
      ['A3', 4],
    ])
  })

  it('takes values that differ by rounding as the same, and no others', async () => {
    const cells = {
      A1: { formula: '1/3', cached: 0.333333333333333 },
      A2: { formula: '1/3', cached: 0.33333 },
      A3: { formula: '"1"&""', cached: 1 },
    }
    expect((await recalculated(workbookOf({ S: cells }))).mismatches.map((one) => one.cell)).toEqual(['A2', 'A3'])
  })

  it('says what it cannot compute and why, with examples, and never gives it a value', async () => {
    const cells = {
      A1: { formula: '[1]Sheet1!A1+1', cached: 7 },
      A2: { formula: 'GETPIVOTDATA("x",B1)', cached: 7 },
      A3: { formula: 'GETPIVOTDATA("y",B1)', cached: 7 },
      A4: { formula: 'SUM(', cached: 7 },
      A5: { formula: 'A5+1', cached: 7 },
      A6: { formula: 'SUM(A1:A5)', cached: 35 },
    }
    const found = await recalculated(workbookOf({ S: cells }), { mode: 'full' })
    expect(found.unsupported).toEqual([
      {
        reason: 'function GETPIVOTDATA',
        count: 2,
        examples: [
          { sheet: 'S', cell: 'A2' },
          { sheet: 'S', cell: 'A3' },
        ],
      },
      { reason: 'circular reference', count: 1, examples: [{ sheet: 'S', cell: 'A5' }] },
      { reason: 'formula that cannot be parsed', count: 1, examples: [{ sheet: 'S', cell: 'A4' }] },
      { reason: 'reference to another workbook', count: 1, examples: [{ sheet: 'S', cell: 'A1' }] },
    ])
    expect(found).toMatchObject({ checked: 1, agreed: 1 })
  })

  it('sets apart what asks for the time or for chance, also through a name', async () => {
    const cells = {
      A1: { formula: 'TODAY()', cached: 45352 },
      A2: { formula: 'RAND()*2', cached: 1 },
      A3: { formula: 'Today+1', cached: 1 },
      A4: { formula: 'A1+1', cached: 45353 },
    }
    const found = await recalculated(workbookOf({ S: cells }, { names: { Today: 'NOW()' } }), { mode: 'full' })
    expect(found).toMatchObject({ volatile: 3, checked: 1, agreed: 1, unsupported: [] })
  })

  it('computes what was saved without a value, in whatever order it is needed', async () => {
    const cells = {
      A1: '=SUM(OFFSET(A1,1,0,3,1))',
      A2: '=INDIRECT("A3")',
      A3: '=A4*2',
      A4: 3,
      B1: { formula: 'A1', cached: 15 },
    }
    expect(await recalculated(workbookOf({ S: cells }))).toMatchObject({ checked: 1, agreed: 1, uncached: 3 })
  })

  it('ends a circle that only the evaluation sees', async () => {
    const cells = { A1: '=INDIRECT("A2")', A2: '=INDIRECT("A1")' }
    const found = await recalculated(workbookOf({ S: cells }), { mode: 'full' })
    expect(found.checked).toBe(0)
    expect(found.unsupported.map((one) => one.count).reduce((a, b) => a + b, 0)).toBe(2)
  })

  it('stops at its limit and says how much it has not looked at', async () => {
    const cells: Record<string, BuiltCell> = {}
    for (let row = 1; row <= 200; row += 1) {
      cells[`A${row}`] = row
      cells[`B${row}`] = { formula: `MAX(A${row}:A200)`, cached: 200 }
    }
    const found = await recalculated(workbookOf({ S: cells }), { mode: 'cached', operations: 1000 })
    expect(found.limited).toEqual({ unchecked: 200 - found.checked, operations: 1000 })
    expect(found.checked).toBeGreaterThan(0)
    expect(found.agreed).toBe(found.checked)
  })

  it('shares running totals and lookups, so that long columns stay quick', async () => {
    const cells: Record<string, BuiltCell> = {}
    for (let row = 1; row <= 10_000; row += 1) {
      cells[`A${row}`] = row
      cells[`B${row}`] = { formula: `SUM(A$1:A${row})`, cached: (row * (row + 1)) / 2 }
      cells[`C${row}`] = { formula: `VLOOKUP(A${row},A$1:B$10000,2,FALSE)`, cached: (row * (row + 1)) / 2 }
      cells[`D${row}`] = { formula: `A${row}/SUM(A:A)+COUNTIF(A:A,A${row})`, cached: row / 50_005_000 + 1 }
    }
    expect(await recalculated(workbookOf({ S: cells }), { mode: 'full', operations: 8_000_000 })).toMatchObject({
      checked: 30_000,
      agreed: 30_000,
      limited: null,
    })
  })
})

describe('evaluation on request', () => {
  const evaluator = evaluatorOf(
    workbookOf({ Data: { A1: 2, A2: { formula: 'A1*3', cached: 7 } }, "Bob's": { B1: '=1/0' } }),
  )

  it('computes a claimed total over any sheet', async () => {
    expect(await evaluator.evaluateFormula("=SUM(Data!A1:A2)+COUNT('Bob''s'!A1)")).toEqual({ kind: 'value', value: 9 })
    expect(await evaluator.evaluateFormula('NORMSDIST(0)')).toEqual({ kind: 'value', value: expect.closeTo(0.5, 12) })
  })

  it('computes cells anew and reads constants', async () => {
    expect(await evaluator.evaluateCell('Data!A2')).toEqual({ kind: 'value', value: 6 })
    expect(await evaluator.evaluateCell('A1', 'data')).toEqual({ kind: 'value', value: 2 })
    expect(await evaluator.evaluateCell("'Bob''s'!B1")).toEqual({ kind: 'value', value: '#DIV/0!' })
    expect(await evaluator.evaluateCell('Z9', 'Data')).toEqual({ kind: 'value', value: null })
  })

  it('says what is wrong with a formula, a sheet or an address', async () => {
    for (const outcome of [
      await evaluator.evaluateFormula('SUM('),
      await evaluator.evaluateFormula('1', 'No'),
      await evaluator.evaluateCell('A0'),
    ]) {
      expect(outcome).toEqual({ kind: 'unsupported', reason: expect.stringMatching(/read|no sheet|no cell/) })
    }
  })

  it('has a limit of its own each time', async () => {
    expect(
      await evaluator.evaluateFormula(
        'SUM(SUMPRODUCT(ROW(1:1000000)*ROW(1:1000000)),SUMPRODUCT(A1:Z100000*1),SUMPRODUCT(A1:AZ500000*1))',
      ),
    ).toMatchObject({ kind: 'unsupported' })
    expect(await evaluator.evaluateFormula('1+1')).toEqual({ kind: 'value', value: 2 })
  })
})
