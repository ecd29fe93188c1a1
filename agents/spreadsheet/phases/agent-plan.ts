/** What the plan needs to know of a sheet. */
export interface PlannedSheet {
  readonly name: string
  readonly formulas: number
  readonly pivots: number
  readonly charts: number
  /** Whether a formula on the sheet refers to another workbook. */
  readonly external: boolean
}

/** The ways to look at a sheet. */
export const strategies = [
  'pivot_table_specialist',
  'formula_analyst',
  'visualization_analyst',
  'general_analyst',
] as const

/** One way to look at a sheet. */
export type Strategy = (typeof strategies)[number]

/** The agent of one sheet: how it looks at it and what it may spend. */
export interface PlannedAgent {
  readonly sheet: string
  /** The key of its address, `<workbook hash>.<sheet>`; a long name is cut and the sheet's position added. */
  readonly key: string
  readonly strategy: Strategy
  readonly priority: number
  readonly budget: number
}

/** The agents of a workbook in the order of its sheets. */
export interface AgentPlan {
  readonly budget: number
  readonly agents: readonly PlannedAgent[]
}

/** Plans an agent for each sheet and splits the step's budget among them by priority. */
export function planAgents(sheets: readonly PlannedSheet[], sha256: string, budget: number): AgentPlan {
  const weights = sheets.map(hundredfoldPriority)
  const keys = keyParts(sheets.map((sheet) => sheet.name))
  const budgets = splitByWeight(Math.max(0, Math.floor(budget)), weights)
  return {
    budget: Math.max(0, Math.floor(budget)),
    agents: sheets.map((sheet, at) => ({
      sheet: sheet.name,
      key: `${sha256}.${keys[at] ?? at}`,
      strategy: strategyOf(sheet),
      priority: (weights[at] ?? 0) / 100,
      budget: budgets[at] ?? 0,
    })),
  }
}

/** What follows the keys of agents that carry the name of their run. */
export function agentSuffix(runId: string): string {
  return `~${runId.slice(0, 60)}`
}

/** Spreadsheet programs allow 31 characters, files any number, and an address has room for some hundreds. */
const longestName = 100

/** The names as parts of addresses: well formed, short, and each different from all others. */
function keyParts(names: readonly string[]): string[] {
  const taken = new Set(names)
  const given = new Set<string>()
  return names.map((name, at) => {
    let part = name.slice(0, longestName).toWellFormed()
    if (part !== name || part === '' || given.has(part)) {
      do part = `${part}.${at}`
      while (taken.has(part) || given.has(part))
    }
    given.add(part)
    return part
  })
}

function strategyOf(sheet: PlannedSheet): Strategy {
  if (sheet.pivots > 0) return 'pivot_table_specialist'
  if (sheet.formulas > 100) return 'formula_analyst'
  return sheet.charts > 0 ? 'visualization_analyst' : 'general_analyst'
}

/** The priority times one hundred: a whole number, so that the split is exact. */
function hundredfoldPriority(sheet: PlannedSheet): number {
  const extras = (sheet.external ? 2 : 0) + (sheet.pivots > 0 ? 3 : 0) + (sheet.charts > 0 ? 1 : 0)
  return 100 + Math.min(sheet.formulas, 500) + 100 * extras
}

/** Splits a whole amount by the largest remainder: whole parts that add up to it exactly. */
function splitByWeight(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return weights.map(() => 0)
  const exact = weights.map((weight) => (amount * weight) / total)
  const parts = exact.map(Math.floor)
  const missing = amount - parts.reduce((sum, part) => sum + part, 0)
  const byRemainder = exact.map((value, at) => ({ at, rest: value - Math.floor(value) }))
  byRemainder.sort((a, b) => b.rest - a.rest || a.at - b.at)
  for (const { at } of byRemainder.slice(0, missing)) parts[at] = (parts[at] ?? 0) + 1
  return parts
}
