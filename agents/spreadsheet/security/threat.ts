/** The kinds of things in a workbook that can act, reach out or hide. */
export type ThreatKind =
  | 'macros'
  | 'macroSheet'
  | 'externalLink'
  | 'externalTarget'
  | 'embedding'
  | 'activeX'
  | 'connection'
  | 'queryTable'
  | 'hiddenSheet'
  | 'veryHiddenSheet'
  | 'dangerousFunction'

/** One thing a reviewer should know before trusting a workbook. */
export interface Threat {
  readonly kind: ThreatKind
  /** From 1 to 10. */
  readonly severity: number
  /** A part, a sheet or a cell. */
  readonly where: string
  readonly message: string
}

/** Levels from harmless to worst, in the order a gate compares them. */
export const LEVELS = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const

/** How dangerous a workbook is as a whole. */
export type SecurityLevel = (typeof LEVELS)[number]

/** The sum of all severities and two for each threat, at most 100. */
export function threatScore(threats: readonly Threat[]): number {
  return Math.min(
    100,
    threats.reduce((sum, threat) => sum + threat.severity + 2, 0),
  )
}

/** The worst threat or the score decides, whichever is higher. */
export function threatLevel(threats: readonly Threat[]): SecurityLevel {
  const worst = threats.reduce((max, threat) => Math.max(max, threat.severity), 0)
  const score = threatScore(threats)
  if (worst >= 9 || score >= 80) return 'CRITICAL'
  if (worst >= 7 || score >= 60) return 'HIGH'
  return worst >= 5 || score >= 40 ? 'MEDIUM' : 'LOW'
}

/** Whether a level is worse than the one a gate still lets pass. */
export function isAbove(level: SecurityLevel, threshold: SecurityLevel): boolean {
  return LEVELS.indexOf(level) > LEVELS.indexOf(threshold)
}
