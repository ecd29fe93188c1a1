import { translateFormulaToA1, translateFormulaToR1C1 } from '@borgar/fx/xlsx'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCell } from '../../../../agents/spreadsheet/formulas/cell-reference.ts'
import { toR1C1 } from '../../../../agents/spreadsheet/formulas/r1c1-notation.ts'

const row = fc.integer({ min: 0, max: 2000 })
const column = fc.integer({ min: 0, max: 300 })
const anchor = fc.constantFrom('', '$')
const cell = fc
  .tuple(anchor, column, anchor, row)
  .map(([one, c, other, r]) => `${one}${formatCell(0, c).slice(0, -1)}${other}${r + 1}`)
const operand = fc.oneof(
  cell,
  fc.tuple(cell, cell).map(([from, to]) => `${from}:${to}`),
  cell.map((one) => `'My A1 ''sheet'!${one}`),
  cell.map((one) => `[1]Sheet1!${one}`),
  fc.constantFrom(
    'LOG10(A1)',
    '"A1 ""B2"""',
    'Sales[A1]',
    'rate_A1',
    'TAX.B2',
    '1.5E+3',
    '#REF!',
    '$B:C',
    '2:$7',
    'Q1',
  ),
)
const formulaOf = (one: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(one, fc.constantFrom('+', '-', '*', '&', '=', '<>')), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.flat().slice(0, -1).join(''))
const formula = formulaOf(operand)
const formulaOfCells = formulaOf(cell)

describe('R1C1 notation', () => {
  it('is relative to the cell', () => {
    expect(toR1C1('A1+$B$2+C$3+$D4', 3, 3)).toBe('R[-3]C[-3]+R2C2+R3C[-1]+RC4')
    expect(toR1C1('SUM(A1:A9)', 9, 0)).toBe('SUM(R[-9]C:R[-1]C)')
    expect(toR1C1('SUM(A:$B)+SUM(3:$4)', 2, 0)).toBe('SUM(C:C2)+SUM(R:R4)')
  })

  it('leaves functions, names, texts, sheets and columns of tables alone', () => {
    for (const text of [
      'LOG10(1)',
      'ABC1_x',
      '"A1"',
      'Sales[[#This Row],[A1]]',
      'TAX.A1',
      '#N/A',
      'XFE1',
      'A1048577',
    ]) {
      expect(toR1C1(text, 5, 5)).toBe(text)
    }
    expect(toR1C1("'Q1 A1'!B2+Q1!B2+Jan:Mar!B2", 1, 1)).toBe("'Q1 A1'!RC+Q1!RC+Jan:Mar!RC")
  })

  it('goes back to the A1 text it came from', () => {
    fc.assert(
      fc.property(formula, row, column, (text, r, c) => {
        const plain = translateFormulaToA1(translateFormulaToR1C1(text, formatCell(r, c)), formatCell(r, c))
        expect(translateFormulaToA1(toR1C1(text, r, c), formatCell(r, c))).toBe(plain)
      }),
    )
  })

  it('is the same for every copy of a formula', () => {
    const step = fc.integer({ min: 0, max: 500 })
    fc.assert(
      fc.property(formulaOfCells, row, column, step, step, (text, r, c, down, right) => {
        const here = toR1C1(text, r, c)
        const copied = translateFormulaToA1(here, formatCell(r + down, c + right))
        expect(toR1C1(copied, r + down, c + right)).toBe(here)
      }),
    )
  })
})
