import type { WorkflowStep } from '../machines/workflow-step.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { closeNames } from './close-names.ts'

/**
 * Throws INVALID_MESSAGE when the last step comes after one that has not been declared. A builder cannot know what will be
 * declared later: a name close to a declared one is taken for a slip, any other for a step that stands too far down.
 */
export function assertDeclared(workflow: string, steps: readonly WorkflowStep[]): void {
  const step = steps.at(-1)
  const missing = step?.after?.find((wanted) => !steps.some(({ name }) => name === wanted))
  if (step === undefined || missing === undefined) return
  const names = steps.slice(0, -1).map(({ name }) => name)
  throw new TroupeError('INVALID_MESSAGE', `'${step.name}' comes after '${missing}', which is no step so far`, {
    where: `${workflow}.${step.name}.after`,
    hint: hintFor(step.name, missing, names),
  })
}

function hintFor(step: string, missing: string, names: readonly string[]): string {
  const close = closeNames(missing, names).map((name) => `'${name}'`)
  if (close.length > 0) return `did you mean ${close.join(' or ')}? If not, declare '${missing}' before '${step}'`
  const known = names.length > 0 ? `declared so far: ${names.slice(-20).join(', ')}` : 'none is declared so far'
  return `declare '${missing}' before '${step}', or correct the name; ${known}`
}
