import { describe, expect, it } from 'vitest'
import { type BuiltCell, workbookOf } from '../workbook-builder.ts'
import { evaluated, evaluatedAll, recalculated } from './evaluated.ts'

const orchard: Record<string, BuiltCell> = {}
const lines: readonly (readonly (string | number)[])[] = [
  ['Tree', 'Height', 'Age', 'Yield', 'Profit', 'Height'],
  ['=Apple', '>10', '', '', '', '<16'],
  ['=Pear'],
  [],
  ['Tree', 'Height', 'Age', 'Yield', 'Profit'],
  ['Apple', 18, 20, 14, 105],
  ['Pear', 12, 12, 10, 96],
  ['Cherry', 13, 14, 9, 105],
  ['Apple', 14, 15, 10, 75],
  ['Pear', 9, 8, 8, 77],
  ['Apple', 8, 9, 6, 45],
]
for (const [row, values] of lines.entries()) {
  for (const [column, value] of values.entries()) {
    // A text that starts with = is the value of a formula here, as it is in a list of criteria.
    const cell = typeof value === 'string' && value.startsWith('=') ? { formula: `"${value}"`, cached: value } : value
    if (value !== '') orchard[`${'ABCDEF'[column]}${row + 1}`] = cell
  }
}

describe('lists with criteria', () => {
  it('have the sums and counts of the documented orchard', async () => {
    const formulas = [
      'DCOUNT(A5:E11,"Age",A1:F2)',
      'DCOUNTA(A5:E11,"Profit",A1:F2)',
      'DMAX(A5:E11,"Profit",A1:F3)',
      'DMIN(A5:E11,"Profit",A1:F3)',
      'DSUM(A5:E11,"Profit",A1:A2)',
      'DAVERAGE(A5:E11,4,A1:B2)',
      'DSTDEV(A5:E11,"Yield",A1:A3)',
      'DGET(A5:E11,"Yield",A1:A3)',
      'DSUM(A5:E11,"Weight",A1:A2)',
    ]
    expect(await evaluatedAll(formulas, orchard)).toEqual([
      1,
      1,
      96,
      75,
      225,
      12,
      expect.closeTo(2.966479, 6),
      '#NUM!',
      '#VALUE!',
    ])
  })
})

describe('arrays of a size of their own', () => {
  it('filter, sort and drop what is double', async () => {
    const formulas = [
      'SUM(FILTER(E6:E11,A6:A11="Pear"))',
      'FILTER(E6:E11,A6:A11="Plum","none")',
      'FILTER(E6:E11,A6:A11="Plum")',
      'TEXTJOIN(",",TRUE,UNIQUE(A6:A11))',
      'TEXTJOIN(",",TRUE,UNIQUE(A6:A11,FALSE,TRUE))',
      'TEXTJOIN(",",TRUE,SORT(B6:B11,1,-1))',
      'TEXTJOIN(",",TRUE,SORTBY(B6:B11,A6:A11,1,B6:B11,-1))',
    ]
    expect(await evaluatedAll(formulas, orchard)).toEqual([
      173,
      'none',
      '<FILTER that finds nothing>',
      'Apple,Pear,Cherry',
      'Cherry',
      '18,14,13,12,9,8',
      '18,14,8,13,12,9',
    ])
  })

  it('count, cut and stack', async () => {
    const formulas = [
      'SUM(SEQUENCE(3,2,10,5))',
      'TEXTJOIN(",",TRUE,TAKE(E6:E11,-2))',
      'SUM(DROP(B6:E11,5,2))',
      'COUNTA(VSTACK(A6:A7,A8:A9))',
      'SUM(HSTACK(B6:B7,C6:C7))',
      'TEXTJOIN(",",TRUE,CHOOSECOLS(A6:E6,-1,1))',
    ]
    expect(await evaluatedAll(formulas, orchard)).toEqual([135, '77,45', 51, 4, 62, '105,Apple'])
  })

  it('spill over the cells of their array', async () => {
    const array = 'B1:B3'
    const spill = (cached: number) => ({ formula: '_xlfn._xlws.SORT(A1:A3)', cached, array })
    const cells = { A1: 3, A2: 1, A3: 2, B1: spill(1), B2: spill(2), B3: spill(3) }
    expect(await recalculated(workbookOf({ S: cells }))).toMatchObject({ checked: 3, agreed: 3 })
  })
})

describe('an array without room', () => {
  it('has no value of its own', async () => {
    const cells = {
      A1: 3,
      A2: 1,
      B1: { formula: '_xlfn.UNIQUE(A1:A2)', cached: '#VALUE!', array: 'B1:B1' },
      B2: 'in the way',
    }
    const found = await recalculated(workbookOf({ S: cells }))
    expect(found).toMatchObject({ checked: 0, unsupported: [{ reason: 'array that has no room to spill', count: 1 }] })
  })
})

describe('working days and years', () => {
  it('are counted as documented', async () => {
    const formulas = [
      'NETWORKDAYS.INTL(DATE(2006,1,1),DATE(2006,1,31))',
      'NETWORKDAYS.INTL(DATE(2006,2,28),DATE(2006,1,31))',
      'NETWORKDAYS.INTL(DATE(2006,1,1),DATE(2006,2,1),7,A1:A2)',
      'NETWORKDAYS.INTL(DATE(2006,1,1),DATE(2006,2,1),"0010001",A1:A2)',
      'WORKDAY.INTL(DATE(2012,1,1),90,11)',
      'WORKDAY.INTL(DATE(2012,1,1),30,17)',
      'WORKDAY(DATE(2008,10,1),151)',
    ]
    expect(await evaluatedAll(formulas, { A1: 38719, A2: 38733 })).toEqual([22, -21, 22, 20, 41013, 40944, 39933])
    const years = [
      'YEARFRAC(DATE(2012,1,1),DATE(2012,7,30))',
      'YEARFRAC(DATE(2012,1,1),DATE(2012,7,30),1)',
      'YEARFRAC(DATE(2012,1,1),DATE(2012,7,30),3)',
    ]
    expect(await evaluatedAll(years)).toEqual([0.58055556, 0.57650273, 0.57808219].map((one) => expect.closeTo(one, 8)))
  })

  it('refuse calendars that never work', async () => {
    expect(await evaluated('WORKDAY.INTL(1,1,"1111111")')).toBe('#VALUE!')
  })
})

describe('texts by their marks', () => {
  it('are split before and after the nth', async () => {
    expect(
      await evaluatedAll([
        'TEXTBEFORE("a-b-c","-")',
        'TEXTAFTER("a-b-c","-",2)',
        'TEXTBEFORE("a-b-c","-",-1)',
        'TEXTAFTER("abc","-")',
      ]),
    ).toEqual(['a', 'c', 'a-b', '#N/A'])
  })
})
