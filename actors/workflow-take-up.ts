import type { WorkflowPlan } from '../machines/workflow-step.ts'
import { upgradeRun } from '../machines/workflow-upgrade.ts'
import type { TakeUp } from '../runtime/persistence/take-up.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'

/**
 * How runs of other versions go on with the steps of a plan. Throws INVALID_MESSAGE for new names that lead nowhere, or that
 * are of two steps.
 */
export function takeUpRuns(
  plan: WorkflowPlan,
  version: string,
  renamed: Readonly<Record<string, string>> = {},
): TakeUp {
  const names = Object.entries(renamed)
  for (const [old, name] of names) {
    const where = `${plan.name}.renamed.${old}`
    if (plan.byName.has(old)) throw fault(where, `'${old}' is still a step`, 'take it out of `renamed`')
    if (!plan.byName.has(name)) throw fault(where, `'${name}' is no step`, 'give the name of a step of this version')
    const twin = names.find(([other, same]) => same === name && other !== old)
    if (twin) throw fault(where, `'${twin[0]}' becomes '${name}' as well`, 'keep one of them')
  }
  return ({ now, ...run }) => upgradeRun(run, { plan, version, renamed, now })
}

function fault(where: string, reason: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${where} cannot be used: ${reason}`, { where, hint })
}
