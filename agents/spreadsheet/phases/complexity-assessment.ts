import type { WorkbookFacts } from './workbook-facts.ts'

/** What complexity is judged by; all of it is among the workbook's facts. */
export interface ComplexityInput {
  readonly sheets: number
  readonly cells: number
  readonly formulas: number
  readonly definedNames: number
  readonly vba: boolean
  /** External link parts, or formulas that refer to another workbook. */
  readonly externalReferences: number
}

/** How demanding a workbook is, why, and which tier of model suits it. */
export interface Complexity {
  readonly level: 'LOW' | 'MEDIUM' | 'HIGH'
  readonly score: number
  readonly reasons: readonly string[]
  readonly tier: 'small' | 'medium' | 'large'
}

const tiers = { LOW: 'small', MEDIUM: 'medium', HIGH: 'large' } as const

/** Rates a workbook from its counts. */
export function assessComplexity(input: ComplexityInput): Complexity {
  const high: string[] = []
  const medium: string[] = []
  if (input.sheets > 20) high.push(`${input.sheets} sheets (more than 20)`)
  else if (input.sheets > 5) medium.push(`${input.sheets} sheets (more than 5)`)
  if (input.formulas > 10_000) high.push(`${input.formulas} formulas (more than 10000)`)
  else if (input.formulas > 1_000) medium.push(`${input.formulas} formulas (more than 1000)`)
  if (input.vba) high.push('a VBA project')
  if (input.externalReferences > 0) medium.push('references to other workbooks')
  const level = high.length > 0 ? 'HIGH' : medium.length > 0 ? 'MEDIUM' : 'LOW'
  const reasons = [...high, ...medium]
  return {
    level,
    score: structureScore(input),
    reasons: reasons.length > 0 ? reasons : ['few sheets and formulas, no VBA, no references to other workbooks'],
    tier: tiers[level],
  }
}

/** Rates a workbook from its facts. */
export function workbookComplexity({ totals, vba, externals }: WorkbookFacts): Complexity {
  const { sheets, cells, formulas, definedNames } = totals
  return assessComplexity({ sheets, cells, formulas, definedNames, vba, externalReferences: externals.length })
}

function structureScore(input: ComplexityInput): number {
  const { sheets, cells, formulas, definedNames } = input
  const bySheets = sheets <= 3 ? 5 : sheets <= 10 ? 10 : sheets <= 50 ? 15 : 20
  const byCells = cells <= 1_000 ? 5 : cells <= 10_000 ? 10 : cells <= 100_000 ? 15 : 20
  const byFormulas = cells === 0 ? 0 : Math.min(30, Math.floor((100 * formulas) / cells))
  const byNames = definedNames > 10 ? 10 : definedNames > 0 ? 5 : 0
  return bySheets + byCells + byFormulas + byNames + (input.vba ? 10 : 0) + (input.externalReferences > 0 ? 10 : 0)
}
