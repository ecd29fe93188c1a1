import { describe, expect, it } from 'vitest'
import { workbookOf } from '../workbook-builder.ts'
import { evaluated, recalculated } from './evaluated.ts'

const asLargeAsThese = /^<function [A-Z0-9.]+ with arguments as large as these>$/

describe('a formula whose cost hangs on the value of an argument ends', () => {
  it.each([
    'CUMIPMT(0.1,1e9,1,1,1e9,0)',
    'CUMPRINC(0.1,1e9,1,1,1e9,0)',
    'CUMIPMT(0.1,1e17,1,1e16,1e16,0)',
    'POISSON.DIST(1e9,1e9,TRUE)',
    'POISSON(1e9,1e9,TRUE)',
    'NEGBINOM.DIST(1e9,1e9,0.5,TRUE)',
    'BINOM.DIST(1e15,1e16,0.5,TRUE)',
    'BINOM.INV(1e9,0.5,0.5)',
    'CRITBINOM(1e9,0.5,0.999)',
    'HYPGEOM.DIST(1e9,1e9,2e9,4e9,TRUE)',
    'GAMMA.DIST(1e12,1e12,1,TRUE)',
    'GAMMAINV(0.5,1e12,1)',
    'CHISQ.DIST(1e12,1e12,TRUE)',
    'CHISQ.DIST.RT(1e12,1e12)',
    'CHIINV(0.5,1e12)',
    'ROMAN(4e12)',
    'ROMAN("4e12")',
    'DEC2BIN(1,1e9)',
    'HEX2OCT("F",1e9)',
    'PERCENTRANK.INC(SEQUENCE(100000),5)',
  ])('%s is left out', async (formula) => {
    expect(await evaluated(formula)).toMatch(asLargeAsThese)
  })

  it.each([
    'VSTACK(SEQUENCE(900000),SEQUENCE(900000))',
    'HSTACK(SEQUENCE(900000),SEQUENCE(900000))',
    'CHOOSEROWS(SEQUENCE(10,1000),SEQUENCE(900000,1,1,0))',
  ])('%s is too large an array', async (formula) => {
    expect(await evaluated(formula)).toBe('<array of more than 1000000 values>')
  })

  it('also where a library recurses', async () => {
    for (const formula of ['PERMUT(1e9,3)', 'FACTDOUBLE(1e9)', 'MULTINOMIAL(1e9,1e9)', 'COMBINA(1e9,1e9)'])
      expect(await evaluated(formula)).toMatch(/^<function [A-Z]+ with these arguments>$/)
  })

  it('also when there are many of them', async () => {
    const cells = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        `A${at + 1}`,
        { formula: `POISSON.DIST(${1e6 + at},5,TRUE)`, cached: 1 },
      ]),
    )
    const { limited } = await recalculated(workbookOf({ Sheet1: cells }))
    expect(limited?.unchecked).toBeGreaterThan(150)
  })
})

describe('a long recalculation', () => {
  it('is given up when its pause says so', async () => {
    const cells = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, at) => [`A${at + 1}`, { formula: '1+1', cached: 2 }]),
    )
    let pauses = 0
    const pause = async () => {
      pauses += 1
      if (pauses === 2) throw new Error('no longer wanted')
    }
    await expect(recalculated(workbookOf({ Sheet1: cells }), { mode: 'cached', pause })).rejects.toThrow('no longer')
    expect(pauses).toBe(2)
  })
})

describe('what is large but not too large is still computed', () => {
  it('by the library', async () => {
    expect(await evaluated('POISSON.DIST(150,5,TRUE)')).toBeCloseTo(1)
    expect(await evaluated('CUMPRINC(0.01,1000,5000,1,1000,0)')).toBeCloseTo(-5000)
    expect(await evaluated('BINOM.INV(1000,0.5,0.5)')).toBe(500)
    expect(await evaluated('PERCENTRANK.INC(SEQUENCE(5001),2501)')).toBe(0.5)
    expect(await evaluated('SKEW(SEQUENCE(300000))')).toBeCloseTo(0)
  })

  it('by FREQUENCY, with as many bins as values', async () => {
    expect(await evaluated('SUM(FREQUENCY(SEQUENCE(300000),SEQUENCE(300000)))')).toBe(300_000)
    expect(await evaluated('INDEX(FREQUENCY({5,1,9,5},{9,5,5}),2)')).toBe(3)
    expect(await evaluated('INDEX(FREQUENCY({5,1,9,5},{9,5,5}),1)')).toBe(1)
  })
})
