import { describe, expect, it } from 'vitest'
import { evaluated, evaluatedAll } from './evaluated.ts'

describe('texts', () => {
  it('are cut, found and replaced from 1 on', async () => {
    const formulas = [
      'LEFT("abc",2)',
      'RIGHT("abc",5)',
      'MID("abc",2,9)',
      'FIND("c","abc")',
      'FIND("C","abc")',
      'SEARCH("C?","abcd")',
      'MID("abc",0,1)',
    ]
    expect(await evaluatedAll(formulas)).toEqual(['ab', 'abc', 'bc', 3, '#VALUE!', 3, '#VALUE!'])
    expect(
      await evaluatedAll([
        'SUBSTITUTE("a-a-a","-","+",2)',
        'REPLACE("abc",2,1,"XY")',
        'TRIM("  a   b ")',
        'PROPER("o\'neil and co")',
        'REPT("ab",3)',
      ]),
    ).toEqual(['a-a+a', 'aXYc', 'a b', "O'Neil And Co", 'ababab'])
  })

  it('are searched by pattern from the first place that fits', async () => {
    expect(
      await evaluatedAll([
        'SEARCH("b*d","abcbd")',
        'SEARCH("~?","a?")',
        'SEARCH("*c","abc")',
        'SEARCH("c?","abc")',
        'SEARCH("?c","abc",2)',
      ]),
    ).toEqual([2, 2, 1, '#VALUE!', 2])
  })

  it('are searched to an end, whatever the pattern', async () => {
    expect(await evaluated(`SEARCH("a${'*a'.repeat(100)}*b",A1)`, { A1: 'a'.repeat(32_000) })).toBe('#VALUE!')
  })

  it('show numbers as formats say', async () => {
    const formulas = [
      'TEXT(1234.567,"#,##0.00")',
      'TEXT(0.256,"0%")',
      'TEXT(45352,"yyyy-mm-dd")',
      'TEXT(-5,"0;(0)")',
      'FIXED(1234.567,1)',
      'DOLLAR(-3.5)',
      'TEXT("x","0")',
    ]
    expect(await evaluatedAll(formulas)).toEqual(['1,234.57', '26%', '2024-03-01', '(5)', '1,234.6', '($3.50)', 'x'])
  })

  it('join values as texts', async () => {
    const formulas = [
      '1/3&""',
      '1E21&""',
      '0.00001&""',
      'CONCATENATE(1,TRUE,"x")',
      'TEXTJOIN("-",TRUE,A1:A3)',
      'CONCAT(A1:A3)',
      '1E-10&""',
    ]
    expect(await evaluatedAll(formulas, { A1: 'a', A3: 5 })).toEqual([
      '0.333333333333333',
      '1E+21',
      '0.00001',
      '1TRUEx',
      'a-5',
      'a5',
      '1E-10',
    ])
  })
})

describe('dates', () => {
  it('count a day that never was in 1900, and none in the 1904 calendar', async () => {
    expect(
      await evaluatedAll(['DATE(1900,1,1)', 'DATE(1900,3,1)', 'DAY(60)', 'MONTH(60)', 'WEEKDAY(1)', 'DATE(2024,14,0)']),
    ).toEqual([1, 61, 29, 2, 1, 45688])
    const year = { date1904: true }
    expect(await evaluated('DATE(1904,1,2)', {}, year)).toBe(1)
    expect(await evaluated('YEAR(0)', {}, year)).toBe(1904)
  })

  it('move by months and count working days', async () => {
    const formulas = [
      'EDATE(DATE(2024,1,31),1)',
      'EOMONTH(DATE(2024,1,15),0)',
      'NETWORKDAYS(DATE(2024,3,1),DATE(2024,3,11))',
      'WORKDAY(DATE(2024,3,1),1)',
      'DAYS360(DATE(2024,1,31),DATE(2024,2,29))',
    ]
    expect(await evaluatedAll(formulas)).toEqual([45351, 45322, 7, 45355, 29])
    expect(
      await evaluatedAll([
        'DATEDIF(DATE(2020,2,29),DATE(2024,2,28),"Y")',
        'WEEKNUM(DATE(2024,12,31))',
        'ISOWEEKNUM(DATE(2024,12,31))',
        'WEEKDAY(45352,2)',
      ]),
    ).toEqual([3, 53, 1, 5])
  })

  it('take times apart', async () => {
    expect(
      await evaluatedAll([
        'HOUR(0.75)',
        'MINUTE("10:45")',
        'SECOND(TIME(1,2,3))',
        'TIME(25,0,0)',
        'TIMEVALUE("6:00 PM")',
      ]),
    ).toEqual([18, 45, 3, 1 / 24, 0.75])
  })
})

describe('money', () => {
  it('is paid and discounted as in a textbook', async () => {
    const close = (value: number) => expect.closeTo(value, 6)
    expect(
      await evaluatedAll([
        'PMT(0.01,12,1000)',
        'FV(0.05,10,-100)',
        'PV(0.05,10,-100)',
        'NPER(0.01,-100,1000)',
        'RATE(12,-88.84879,1000)',
      ]),
    ).toEqual([close(-88.848789), close(1257.789254), close(772.173493), close(10.588644), close(0.01)])
    expect(
      await evaluatedAll(['NPV(0.1,100,200)', 'IRR(A1:A4)', 'IPMT(0.01,2,12,1000)', 'PPMT(0.01,2,12,1000)'], {
        A1: -100,
        A2: 30,
        A3: 40,
        A4: 50,
      }),
    ).toEqual([close(256.198347), close(0.088963), close(-9.211512), close(-79.637277)])
  })
})
