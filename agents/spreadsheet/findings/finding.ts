import { z } from 'zod'

/** The kinds of findings, in the order a report lists them within one severity. */
export const findingKinds = [
  'cached-error',
  'broken-reference',
  'inherited-error',
  'circular-reference',
  'recalculation-mismatch',
  'constant-in-run',
  'formula-break',
  'short-range',
  'nested-total',
  'number-as-text',
  'manual-calculation',
  'empty-reference',
  'hard-coded-constant',
] as const

/** From what makes the numbers wrong to what only makes them harder to maintain. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const

/** How much a finding matters. */
export type Severity = (typeof severities)[number]

/** What a finding is about. */
export type FindingKind = (typeof findingKinds)[number]

/** The shape of a finding. `sheet` and `range` are null when it is about the whole workbook. */
export const findingSchema = z.object({
  id: z.string(),
  kind: z.enum(findingKinds),
  severity: z.enum(severities),
  sheet: z.string().nullable(),
  range: z.string().nullable(),
  message: z.string(),
  evidence: z.record(z.string(), z.json()),
})

/** One observation a reviewer should see. */
export type Finding = z.infer<typeof findingSchema>

/** Makes a finding; its id says what it is and where, so the same workbook always gives the same ids. */
export function finding(parts: Omit<Finding, 'id'>): Finding {
  const place = parts.sheet === null ? 'workbook' : `${parts.sheet}!${parts.range ?? ''}`
  return { id: `${parts.kind}@${place}`, ...parts }
}

/** Orders findings for a reader: the gravest first, then by kind, sheet and place. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind) ||
    compareText(a.sheet ?? '', b.sheet ?? '') ||
    compareText(a.range ?? '', b.range ?? '')
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
