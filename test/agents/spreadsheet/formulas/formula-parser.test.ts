import { describe, expect, it } from 'vitest'
import type { FormulaReference } from '../../../../agents/spreadsheet/formulas/formula-expression.ts'
import { formulaParser, parseFormula } from '../../../../agents/spreadsheet/formulas/formula-parser.ts'

const referencesOf = (formula: string): FormulaReference[] =>
  parseFormula(formula, 0, 0).references.map((use) => use.reference)

describe('parsed formulas', () => {
  it('know sheets with spaces and apostrophes', () => {
    expect(referencesOf("SUM('Bob''s plan'!A1:B2)")).toMatchObject([
      { kind: 'area', sheet: "Bob's plan", lastSheet: null },
    ])
  })

  it('know 3D references, quoted or not', () => {
    expect(referencesOf('SUM(Jan:Mar!A1)')).toMatchObject([{ sheet: 'Jan', lastSheet: 'Mar' }])
    expect(referencesOf("SUM('Q 1:Q 4'!A1)")).toMatchObject([{ sheet: 'Q 1', lastSheet: 'Q 4' }])
  })

  it('tell absolute from relative coordinates', () => {
    expect(referencesOf('$B3')).toMatchObject([{ left: { at: 1, fixed: true }, top: { at: 2, fixed: false } }])
  })

  it('know other workbooks, and that [0] is the own one', () => {
    expect(parseFormula('[2]Sheet1!A1+[2]!Rate', 0, 0).workbooks).toEqual(['2'])
    expect(parseFormula('[0]!Rate', 0, 0)).toMatchObject({ workbooks: [], names: ['Rate'] })
  })

  it('know structured references', () => {
    expect(referencesOf('SUM(Sales[[#Totals],[Net]:[Gross]])+[@Net]')).toMatchObject([
      { kind: 'table', table: 'Sales', firstColumn: 'Net', lastColumn: 'Gross', sections: ['totals'] },
      { kind: 'table', table: null, firstColumn: 'Net', sections: ['this row'] },
    ])
  })

  it('list functions without the prefixes of files, and names once', () => {
    const parsed = parseFormula('_xlfn.XLOOKUP(Rate,A:A,B:B)+sum(Rate)', 0, 0)
    expect(parsed.functions).toEqual(['XLOOKUP', 'SUM'])
    expect(parsed.names).toEqual(['Rate'])
  })

  it('do not take names bound by LET and LAMBDA for defined names', () => {
    expect(parseFormula('_xlfn.LET(x,A1,x+Rate)', 0, 0).names).toEqual(['Rate'])
    expect(parseFormula('_xlfn.LAMBDA(x,x+Rate)', 0, 0).names).toEqual(['Rate'])
  })

  it('join a range written with the sheet at both ends', () => {
    expect(referencesOf('SUM(Data!A1:Data!B9)')).toMatchObject([{ sheet: 'Data', bottom: { at: 8 }, right: { at: 1 } }])
  })

  it('take deleted references as errors', () => {
    for (const text of ['#REF!', 'Sheet1!#REF!', "'My sheet'!#REF!+1", '#REF!A1']) {
      expect(parseFormula(text, 0, 0).problem).toBeNull()
    }
    expect(parseFormula('Sheet1!#REF!', 0, 0).expression).toEqual({ kind: 'error', code: '#REF!' })
  })

  it('say what is wrong instead of throwing', () => {
    for (const text of [
      'SUM(',
      'A1 +',
      '1 2 3',
      '',
      ')',
      '{',
      `${'('.repeat(5000)}1${')'.repeat(5000)}`,
      'A1+'.repeat(20_000),
    ]) {
      expect(parseFormula(text, 0, 0).problem).toEqual(expect.any(String))
    }
  })

  it('may be sums of a thousand terms', () => {
    expect(parseFormula(`1${'+A1'.repeat(2000)}`, 0, 0)).toMatchObject({ problem: null })
  })

  it('are parsed once for all copies', () => {
    const parse = formulaParser()
    expect(parse('A1*$B$1', 0, 2)).toBe(parse('A7*$B$1', 6, 2))
    expect(parse('A1*$B$1', 0, 2)).not.toBe(parse('A1*$B$1', 1, 2))
  })
})
