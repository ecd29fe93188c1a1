import { describe, expect, it } from 'vitest'
import { evaluated, evaluatedAll } from './evaluated.ts'

describe('operators', () => {
  it('bind as in spreadsheets: the minus sign before the power', async () => {
    expect(
      await evaluatedAll(['-2^2', '2^3^2', '-A1^2', '10%*50', '1+2*3', '2*-3', '"a"&1+1', '1=1=TRUE'], { A1: 3 }),
    ).toEqual([4, 64, 9, 5, 7, -6, 'a2', true])
  })

  it('take texts that look like numbers as numbers, and no others', async () => {
    expect(
      await evaluatedAll(['"3"+1', '"1,234.5"*1', '"$5"+0', '"12%"+0', '"(3)"+0', '"x"+1', '""+1', '"1,23"+0']),
    ).toEqual([4, 1234.5, 5, 0.12, -3, '#VALUE!', '#VALUE!', '#VALUE!'])
  })

  it('take dates in texts as days', async () => {
    expect(await evaluatedAll(['"2024-03-01"+0', '"3/1/2024"+0', '"1-Mar-2024"+0', '"12:00"+0'])).toEqual([
      45352, 45352, 45352, 0.5,
    ])
  })

  it('take blanks as zero, as an empty text and as FALSE', async () => {
    expect(await evaluatedAll(['A1+1', 'A1&"x"', 'A1=0', 'A1=""', 'A1=FALSE', 'A1', 'A1=B1'])).toEqual([
      1,
      'x',
      true,
      true,
      true,
      0,
      true,
    ])
  })

  it('compare texts without case, and numbers before texts before booleans', async () => {
    expect(await evaluatedAll(['"a"="A"', '"b">"A"', '2>"1"', '9<"a"', '"z"<FALSE', '"1"=1', '0.1+0.2=0.3'])).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
      true,
    ])
  })

  it('let the first error through', async () => {
    expect(
      await evaluatedAll(['1/0', '#N/A+1/0', '1/0+#N/A', '0^0', '0^-1', '(-8)^(1/3)', 'Nowhere!A1', 'noname']),
    ).toEqual(['#DIV/0!', '#N/A', '#DIV/0!', '#NUM!', '#DIV/0!', '#NUM!', '#REF!', '#NAME?'])
  })

  it('show a last difference of rounding as zero', async () => {
    expect(await evaluated('1*(0.5-0.4-0.1)')).toBeCloseTo(-2.78e-17, 19)
    expect(await evaluated('0.5-0.4-0.1')).toBe(0)
  })

  it('join, intersect and unite references', async () => {
    const cells = { A1: 1, A2: 2, B1: 10, B2: 20, C3: 100 }
    expect(
      await evaluatedAll(['SUM(A1:INDEX(B:B,2))', 'SUM(A1:B2 B1:C3)', 'SUM((A1,B2,A1))', 'SUM(A1:A1 C3:C3)'], cells),
    ).toEqual([33, 30, 22, '#NULL!'])
  })

  it('take of a range the cell in their own row, else an error', async () => {
    expect(await evaluatedAll(['A1:A3+1', 'B2:B3+1'], { A1: 5, A2: 6, B2: 7 })).toEqual([6, '#VALUE!'])
  })
})
