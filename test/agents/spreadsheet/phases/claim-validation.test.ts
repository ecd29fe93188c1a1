import { describe, expect, test } from 'vitest'
import { validateClaims, validateClaimsIn } from '../../../../agents/spreadsheet/phases/claim-validation.ts'
import type { Claim } from '../../../../agents/spreadsheet/phases/claims/claim.ts'
import { sampleWorkbook } from '../../../../agents/spreadsheet/sample/sample-workbook.ts'
import { auditedOf, column } from '../findings/audit-of.ts'
import { workbookOf } from '../workbook-builder.ts'

const workbook = workbookOf({
  Sales: {
    A1: 'Region',
    A9: 'Q1 2024',
    ...column('B', 2, [100, 200.5, 300]),
    B5: { formula: 'SUM(B2:B4)', cached: 600.5 },
    B6: { formula: 'SUM(B2:B3)', cached: 999 },
    C2: { formula: 'B2 * 1.19', cached: 119 },
    D1: '#REF!',
    E1: { formula: 'RAND()', cached: 0.5 },
  },
  'Plan 7': { A1: 1 },
})

const base = { id: 'c', sheet: 'Sales' }
const value = (cell: string, value: string | number | boolean | null, text = ''): Claim => ({
  ...base,
  kind: 'value',
  cell,
  value,
  text,
})
const formula = (cell: string, formula: string, text = ''): Claim => ({ ...base, kind: 'formula', cell, formula, text })
const total = (range: string, value: number, text = '', cell: string | null = null): Claim => ({
  ...base,
  kind: 'total',
  function: 'SUM',
  range,
  value,
  cell,
  text,
})

async function reasonFor(claim: Claim): Promise<string | null> {
  const { rejected } = await validateClaims(await auditedOf(workbook), [claim])
  return rejected[0]?.reason ?? null
}

describe('true claims', () => {
  test.each([
    value('B2', 100, 'B2 is 100.'),
    value('A1', 'Region'),
    value('D1', '#REF!', 'D1 shows #REF!.'),
    value('Z9', null),
    formula('C2', '=b2*1.19', 'C2 computes =B2*1.19 and gives 119.'),
    formula('C2', '{=B2*1.19}'),
    total('B2:B4', 600.5, 'The 3 regions sold 600.5.', 'B5'),
    total('B2:B4', 600.5, 'Sales of "Q1 2024" are 600.50.'),
    total('B2:B3', 300.5, 'A loss of 300.5.'),
    total('B2:B3', 300.5, 'On Plan 7 and in Q1 2024 it is 300.5.'),
  ])('hold: %j', async (claim) => {
    expect(await reasonFor(claim)).toBeNull()
  })
})

describe('false claims', () => {
  test.each([
    [value('B2', 101), 'B2 holds 100, not 101.'],
    [value('Q77', 5), 'Q77 is empty.'],
    [value('B0', 5), '"B0" is no cell.'],
    [value('A1', 'Regions'), 'A1 holds "Region", not "Regions".'],
    [value('B2', '100'), 'B2 holds 100, not "100".'],
    [{ ...value('B2', 100), sheet: 'Costs' }, 'There is no sheet named "Costs".'],
    [formula('B2', '=A1'), 'B2 holds no formula.'],
    [formula('C2', '=B2*1.2'), 'The formula in C2 is =B2 * 1.19, not =B2*1.2.'],
    [total('B2:B4', 600), 'SUM of B2:B4 is 600.5, not 600.'],
    [total('B2:B3', 999, '', 'B6'), 'SUM of B2:B3 is 300.5, not 999.'],
    [total('B2:B4', 600.5, '', 'B6'), 'B6 holds 999, not 600.5.'],
    [total('X90:X99', 0), 'X90:X99 is outside the cells of the sheet.'],
    [total('B2:D4:E5', 0), '"B2:D4:E5" is no range.'],
    [total('A1:D1', 0), 'SUM of A1:D1 is "#REF!", not 0.'],
  ])('%j is rejected', async (claim, reason) => {
    expect(await reasonFor(claim)).toBe(reason)
  })

  test.each([
    ['in quotes', 'Sales are "4711".', '4711'],
    ['glued to a currency', 'Sales are EUR4711.', '4711'],
    ['glued to a letter', 'Sales fell after Q4.', '4'],
    ['with a scale', 'Sales are 600.5 million.', '600.5 million'],
    ['with a scale of a letter', 'Sales are 600.5k.', '600.5k'],
    ['in words', 'Sales went down seven times.', 'seven'],
    ['as an amount in words', 'Sales are a hundred.', 'hundred'],
  ])('a number that is nowhere is found %s', async (_, text, written) => {
    expect(await reasonFor(total('B2:B4', 600.5, text))).toBe(`The text says ${written}, which its cells do not.`)
  })

  test('a true cell does not carry a false sentence', async () => {
    expect(await reasonFor(value('B2', 100, 'Sales were 100, up 40% from 60.'))).toBe(
      'The text says 40%, which its cells do not.',
    )
    expect(await reasonFor(total('B2:B4', 600.5, 'Sales were 6,005.'))).toBe(
      'The text says 6,005, which its cells do not.',
    )
  })
})

describe('claims about the sample', () => {
  test('planted lies are sorted out from the truth, from the bytes alone', async () => {
    const truth: Claim = { id: 't', sheet: 'P&L', kind: 'value', cell: 'N10', value: '#REF!', text: 'N10 shows #REF!.' }
    const lie: Claim = {
      id: 'l',
      sheet: 'Sales',
      kind: 'formula',
      cell: 'C4',
      formula: '=B4*2',
      text: 'C4 doubles B4.',
    }
    const { checked, accepted, rejected } = await validateClaimsIn(sampleWorkbook(), [truth, lie])
    expect([checked, accepted.map((claim) => claim.id), rejected.map((each) => each.claim.id)]).toEqual([
      2,
      ['t'],
      ['l'],
    ])
  })

  test('no claim holds on a file that cannot be opened', async () => {
    const claim: Claim = { id: 't', sheet: 'P&L', kind: 'value', cell: 'N10', value: null, text: '' }
    expect((await validateClaimsIn(new Uint8Array(), [claim])).rejected).toHaveLength(1)
  })
})
