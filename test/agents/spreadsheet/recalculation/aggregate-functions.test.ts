import { describe, expect, it } from 'vitest'
import { evaluated, evaluatedAll } from './evaluated.ts'

const cells = {
  A1: 1,
  A2: '2',
  A3: true,
  A4: 4,
  A6: 'text',
  B1: 10,
  B2: 20,
  B3: 30,
  B4: 40,
  C1: 'a',
  C2: 'Ab',
  C3: 'b',
  C4: 'a*',
}

describe('sums and counts', () => {
  it('count in ranges only numbers, and all that can be one among the arguments', async () => {
    const formulas = [
      'SUM(A1:A6)',
      'SUM(A1:A6,"3",TRUE)',
      'SUM("x")',
      'AVERAGE(A1:A6)',
      'COUNT(A1:A6,"3",TRUE)',
      'COUNTA(A1:A6)',
    ]
    expect(await evaluatedAll(formulas, cells)).toEqual([5, 9, '#VALUE!', 2.5, 4, 5])
    expect(
      await evaluatedAll(['COUNTBLANK(A1:A6)', 'MAX(A1:A6)', 'MIN(Z1:Z9)', 'PRODUCT(B1:B2,3)', 'AVERAGE(Z1)'], cells),
    ).toEqual([1, 4, 0, 600, '#DIV/0!'])
  })

  it('let errors in ranges through', async () => {
    expect(await evaluatedAll(['SUM(A1:A3)', 'MAX(A1:A3)', 'COUNT(A1:A3)'], { A1: 1, A2: '#N/A', A3: 3 })).toEqual([
      '#N/A',
      '#N/A',
      2,
    ])
  })

  it('give the spreads and ranks of statistics', async () => {
    const formulas = [
      'MEDIAN(B1:B4)',
      'STDEV(B1:B4)',
      'VARP(B1:B4)',
      'LARGE(B1:B4,2)',
      'SMALL(B1:B4,5)',
      'RANK(20,B1:B4)',
    ]
    expect(await evaluatedAll(formulas, cells)).toEqual([
      25,
      expect.closeTo(12.909944487358056, 12),
      125,
      30,
      '#NUM!',
      3,
    ])
    expect(
      await evaluatedAll(['PERCENTILE(B1:B4,0.9)', 'QUARTILE(B1:B4,1)', 'MODE(1,2,2)', 'CORREL(A1:A4,B1:B4)'], cells),
    ).toEqual([37, 17.5, 2, 1])
  })

  it('leave totals out of SUBTOTAL', async () => {
    const rows = { A1: 1, A2: 2, A3: { formula: 'SUBTOTAL(9,A1:A2)', cached: 3 }, A4: 4 }
    expect(await evaluatedAll(['SUBTOTAL(9,A1:A4)', 'SUBTOTAL(3,A1:A4)', 'SUBTOTAL(101,A1:A4)'], rows)).toEqual([
      7,
      3,
      7 / 3,
    ])
  })

  it('multiply arrays place by place, and take what is no number as zero', async () => {
    const formulas = [
      'SUMPRODUCT(A1:A4,B1:B4)',
      'SUMPRODUCT((B1:B4>15)*B1:B4)',
      'SUMPRODUCT(--(C1:C3="A"))',
      'SUMPRODUCT(A1:A2,B1:B3)',
    ]
    expect(await evaluatedAll(formulas, cells)).toEqual([170, 90, 1, '#VALUE!'])
  })

  it('round as decimal arithmetic does', async () => {
    const formulas = [
      'ROUND(2.675,2)',
      'ROUND(-2.5,0)',
      'ROUND(1234,-2)',
      'ROUNDUP(1.01,1)',
      'ROUNDDOWN(-1.99,1)',
      'ROUND(1.005*1000,0)',
    ]
    expect(await evaluatedAll(formulas)).toEqual([2.68, -3, 1200, 1.1, -1.9, 1005])
    expect(
      await evaluatedAll([
        'INT(-1.5)',
        'TRUNC(-1.5)',
        'MOD(-3,2)',
        'CEILING(2.1,0.5)',
        'FLOOR(2.9,0.5)',
        'MROUND(7,3)',
      ]),
    ).toEqual([-2, -1, 1, 2.5, 2.5, 6])
  })
})

describe('criteria', () => {
  it('compare numbers, texts with wildcards and blanks', async () => {
    const formulas = [
      'COUNTIF(B1:B4,">15")',
      'COUNTIF(C1:C4,"a")',
      'COUNTIF(C1:C4,"a*")',
      'COUNTIF(C1:C4,"a~*")',
      'COUNTIF(C1:C4,"<>a")',
    ]
    expect(await evaluatedAll(formulas, cells)).toEqual([3, 1, 3, 1, 3])
    expect(
      await evaluatedAll(
        ['COUNTIF(A1:A6,"")', 'COUNTIF(A1:A6,"<>")', 'COUNTIF(A1:A6,2)', 'COUNTIF(A1:A6,TRUE)'],
        cells,
      ),
    ).toEqual([1, 5, 1, 1])
  })

  it('count blanks of whole columns to the end of the sheet', async () => {
    expect(await evaluated('COUNTIF(B:B,"")', cells)).toBe(1_048_572)
  })

  it('sum another range from its first cell on', async () => {
    const formulas = [
      'SUMIF(B1:B4,">15",A1)',
      'SUMIF(C1:C4,"a",B1:B4)',
      'SUMIF(B:B,">25")',
      'AVERAGEIF(B1:B4,"<25")',
      'AVERAGEIF(B1:B4,0)',
    ]
    expect(await evaluatedAll(formulas, cells)).toEqual([4, 10, 70, 15, '#DIV/0!'])
  })

  it('hold together in the IFS functions', async () => {
    const formulas = [
      'SUMIFS(B1:B4,C1:C4,"a*",B1:B4,">10")',
      'COUNTIFS(B1:B4,">10",C1:C4,"b")',
      'MAXIFS(B1:B4,C1:C4,"a*")',
      'SUMIFS(B1:B4,C1:C3,"a")',
    ]
    expect(await evaluatedAll(formulas, cells)).toEqual([60, 1, 40, '#VALUE!'])
  })

  it('come to an end with patterns made to be slow', async () => {
    expect(await evaluated(`COUNTIF(A1:A9,"${'*a'.repeat(60)}*b")`, { A1: 'a'.repeat(30_000) })).toBe(0)
  })
})
