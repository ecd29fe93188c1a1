import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TextGround } from '../../../../agents/spreadsheet/phases/claims/claim-text.ts'
import {
  checkProse,
  checkSentences,
  type SentenceSource,
} from '../../../../agents/spreadsheet/phases/claims/sentence.ts'

const ground: TextGround = {
  names: ['Plan 7'],
  isText: (text) => ['Q1', 'Budget 2024', '2023'].includes(text),
  isCell: (reference) => /^[A-D][1-9](:[A-D][1-9])?$/.test(reference),
}
const sources: readonly SentenceSource[] = [
  { id: 'c1', says: 'B5 is 1200.5.', numbers: [1200.5], cells: ['Data!B5'] },
  { id: 'c2', says: 'B6 is 0.19.', numbers: [0.19], cells: ['Data!B6'] },
  { id: 'w1', says: 'There are 6 sheets.', numbers: [6], cells: [] },
]

const reasonFor = (text: string, ...ids: readonly string[]): string | null =>
  checkSentences([{ text, sources: [...ids] }], sources, ground).rejected[0]?.reason ?? null

describe('a sentence of a model', () => {
  test.each([
    ['Sales are 1,200.5.', 'c1'],
    ['Sales are 1.2005 thousand.', 'c1'],
    ['A loss of -1200.5 in B5.', 'c1'],
    ['The rate is 19% of B2:B4.', 'c2'],
    ['The six sheets are sound.', 'w1'],
    ['On Plan 7, "Budget 2024" and 2023 have 6 sheets after Q1.', 'w1'],
    ['It is sound.', 'w1'],
  ])('stays when its sources say what it says: %s', (text, id) => {
    expect(reasonFor(text, id)).toBeNull()
  })

  test.each([
    ['Sales are 1,200.5.', 'w1'],
    ['Sales are 1.2005 million.', 'c1'],
    ['Sales are "4711".', 'c1'],
    ['Sales are USD4711.', 'c1'],
    ['It grew by 19 percent in Z99.', 'c2'],
    ['It grew by 19 points.', 'c2'],
    ['The seven sheets are sound.', 'w1'],
    ['Plan 77 has 6 sheets.', 'w1'],
    ['There are 6,000 sheets.', 'w1'],
    ['There are 6 million sheets.', 'w1'],
    ['There are dozens of sheets.', 'w1'],
  ])('goes when they do not: %s', (text, id) => {
    expect(reasonFor(text, id)).toMatch(/^It says .+, which none of its sources does\.$/)
  })

  test('goes without a source, with one that there is not, and when it says nothing', () => {
    expect(reasonFor('It is sound.')).toBe('It names no source there is.')
    expect(reasonFor('It is sound.', 'c1', 'c9')).toBe('It names a source that there is not: c9.')
    expect(reasonFor('  ', 'c1')).toBe('It says nothing.')
  })

  test('carries the cells of its sources', () => {
    const { kept } = checkSentences([{ text: 'Sales are 1200.5 at 19%.', sources: ['c1', 'c2'] }], sources, ground)
    expect(kept.map(({ cells }) => cells)).toEqual([['Data!B5', 'Data!B6']])
  })

  test('never keeps a number that is not allowed, wherever it stands', () => {
    const strange = fc.integer({ min: 10_000, max: 9_999_999 })
    const frame = fc.constantFrom(
      'It is #.',
      'A"#"',
      'EUR#',
      '#kg',
      '(#)',
      'x=#,',
      '# and 1200.5',
      '-#',
      'No.#',
      '#%',
      '#!',
    )
    fc.assert(
      fc.property(strange, frame, (number, around) => {
        const text = around.replace('#', `${number}`)
        expect(checkProse(text, [1200.5, 6], ground).kept).toBe('')
      }),
    )
  })
})
