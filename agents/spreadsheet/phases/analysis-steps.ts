/** The names of the steps, in the order they are listed. */
export const stepNames = [
  'deterministic_analysis',
  'complexity_assessment',
  'agent_creation',
  'sheet_analysis',
  'relationship_analysis',
  'validation',
  'synthesis',
] as const

/** The name of a step. */
export type StepName = (typeof stepNames)[number]

/** How a step can stand. */
export const stepStatuses = ['pending', 'running', 'completed', 'degraded', 'skipped', 'failed', 'cancelled'] as const

/** How one step stands. */

/** One step of the analysis as data: a workflow runs it, the report lists it. */
export interface AnalysisStep {
  readonly name: StepName
  readonly type: 'code' | 'agents' | 'agent'
  readonly description: string
  readonly required: boolean
  readonly dependencies: readonly StepName[]
  /** The fraction of the total budget the step may spend; 0 means none. */
  readonly budgetShare: number
  readonly timeoutMs: number
  readonly retries: number
}

/** Default token budget of a whole run. */
export const defaultBudget = 100_000

/** Default number of sheet agents at work at the same time. */
export const defaultConcurrency = 10

const step = (
  name: StepName,
  type: AnalysisStep['type'],
  dependencies: readonly StepName[],
  budgetShare: number,
  seconds: number,
  description: string,
  extra: { readonly required?: boolean; readonly retries?: number } = {},
): AnalysisStep => ({
  name,
  type,
  description,
  required: extra.required ?? true,
  dependencies,
  budgetShare,
  timeoutMs: seconds * 1000,
  retries: extra.retries ?? 1,
})

/** The seven steps of the analysis. Relationships and validation run side by side. */
export const analysisSteps: readonly AnalysisStep[] = [
  step('deterministic_analysis', 'code', [], 0, 60, 'Checks the file and counts, parses and audits what is in it.', {
    retries: 0,
  }),
  step('complexity_assessment', 'code', ['deterministic_analysis'], 0.05, 30, 'Rates how demanding the workbook is.'),
  step(
    'agent_creation',
    'code',
    ['complexity_assessment'],
    0,
    120,
    'Gives each sheet an agent, a strategy and a budget.',
  ),
  step('sheet_analysis', 'agents', ['agent_creation'], 0.6, 600, 'Each agent studies its sheet.'),
  step('relationship_analysis', 'agent', ['sheet_analysis'], 0.2, 300, 'Maps how the sheets feed each other.', {
    required: false,
  }),
  step('validation', 'code', ['sheet_analysis'], 0.1, 300, 'Checks every claim against the cells.'),
  step('synthesis', 'agent', ['relationship_analysis', 'validation'], 0.05, 120, 'Writes the report.'),
]

/** The whole tokens a step may spend out of a total budget. */
export function stepBudget(name: StepName, total: number): number {
  const share = analysisSteps.find((step) => step.name === name)?.budgetShare ?? 0
  return Math.floor(Math.max(0, total) * share + 1e-9)
}
