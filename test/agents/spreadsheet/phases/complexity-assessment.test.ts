import { describe, expect, test } from 'vitest'
import { assessComplexity } from '../../../../agents/spreadsheet/phases/complexity-assessment.ts'

const small = { sheets: 1, cells: 100, formulas: 0, definedNames: 0, vba: false, externalReferences: 0 }

describe('complexity', () => {
  test.each([
    [{ ...small, sheets: 21 }, 'HIGH', 'large'],
    [{ ...small, sheets: 20 }, 'MEDIUM', 'medium'],
    [{ ...small, formulas: 10_001 }, 'HIGH', 'large'],
    [{ ...small, formulas: 10_000 }, 'MEDIUM', 'medium'],
    [{ ...small, vba: true }, 'HIGH', 'large'],
    [{ ...small, sheets: 6 }, 'MEDIUM', 'medium'],
    [{ ...small, sheets: 5 }, 'LOW', 'small'],
    [{ ...small, formulas: 1_001 }, 'MEDIUM', 'medium'],
    [{ ...small, formulas: 1_000 }, 'LOW', 'small'],
    [{ ...small, externalReferences: 1 }, 'MEDIUM', 'medium'],
  ] as const)('%j is %s and takes a %s model', (input, level, tier) => {
    expect(assessComplexity(input)).toMatchObject({ level, tier })
  })

  test('gives every reason it has', () => {
    const { reasons } = assessComplexity({ ...small, sheets: 30, formulas: 2_000, vba: true, externalReferences: 2 })
    expect(reasons).toEqual([
      '30 sheets (more than 20)',
      'a VBA project',
      '2000 formulas (more than 1000)',
      'references to other workbooks',
    ])
  })

  test.each([
    [{ sheets: 3, cells: 1_000 }, 10],
    [{ sheets: 4, cells: 1_001 }, 20],
    [{ sheets: 10, cells: 10_000 }, 20],
    [{ sheets: 11, cells: 10_001 }, 30],
    [{ sheets: 50, cells: 100_000 }, 30],
    [{ sheets: 51, cells: 100_001 }, 40],
    [{ cells: 1_000, formulas: 255 }, 35],
    [{ cells: 1_000, formulas: 900 }, 40],
    [{ cells: 0, formulas: 0 }, 10],
    [{ definedNames: 1 }, 15],
    [{ definedNames: 10 }, 15],
    [{ definedNames: 11 }, 20],
    [{ vba: true }, 20],
    [{ externalReferences: 3 }, 20],
  ])('%j scores %i', (part, score) => {
    expect(assessComplexity({ ...small, ...part }).score).toBe(score)
  })

  test('the score never passes one hundred', () => {
    const most = {
      sheets: 999,
      cells: 1_000_000,
      formulas: 900_000,
      definedNames: 99,
      vba: true,
      externalReferences: 9,
    }
    expect(assessComplexity(most).score).toBe(100)
  })
})
