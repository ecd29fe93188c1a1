import type { MessageEvent } from '../protocol/contract.ts'
import { type ChartRun, touch } from './chart-run.ts'

type Assigner = (args: object, params: unknown) => unknown

/** Carries out XState's `assign` in a step. */
export function assignTo(
  run: ChartRun,
  { assignment }: { readonly assignment: Assigner | Readonly<Record<string, unknown>> },
  event: MessageEvent,
  params: unknown,
): void {
  const { context, scope, spawn } = run
  const args = { context, event, spawn, self: scope.self, system: scope.system }
  if (typeof assignment === 'function') {
    run.context = { ...context, ...(assignment(args, params) as object) }
    return touch(run)
  }
  const next: Record<string, unknown> = { ...context }
  for (const key of Object.keys(assignment)) {
    const value = assignment[key]
    next[key] = typeof value === 'function' ? (value as Assigner)(args, params) : value
  }
  run.context = next
  touch(run)
}
