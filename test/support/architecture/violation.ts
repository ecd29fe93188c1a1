/** One breach of a house rule. */
export interface Violation {
  readonly path: string
  readonly rule: string
  readonly detail: string
}

/** Violations as lines a reader can act on. */
export function violationLines(violations: readonly Violation[]): string[] {
  return violations.map(({ path, rule, detail }) => `${path}: ${detail} [${rule}]`)
}
