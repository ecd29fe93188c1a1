import { requestOf } from '../../../runtime/protocol/message-actions.ts'
import type { ActionObject, AnySnapshot, Step } from '../../../runtime/kernel/step.ts'

/** What came of a step: where it leads, or what it threw. */
export type Outcome = Step | { readonly thrown: unknown }

interface FullSnapshot extends AnySnapshot {
  readonly _nodes?: readonly { readonly id: string }[]
  readonly historyValue?: object
}

/** Runs a step for its outcome. */
export function outcomeOf(step: () => Step): Outcome {
  try {
    return step()
  } catch (thrown) {
    return { thrown }
  }
}

/** All that anybody can tell of an outcome, as plain data: two steppers are alike when theirs are equal. */
export function facts(outcome: Outcome, before: AnySnapshot | null): unknown {
  if ('thrown' in outcome) return { thrown: errorFacts(outcome.thrown) }
  const { snapshot, actions } = outcome
  const { status, output, error, value, context, tags, children, _nodes, historyValue } = snapshot as FullSnapshot
  return {
    keys: Object.keys(snapshot),
    status,
    output,
    error: errorFacts(error),
    value,
    context,
    tags: [...(tags ?? [])],
    children: Object.entries(children ?? {}).map(([name, child]) => [name, childFacts(child)]),
    states: _nodes?.map(({ id }) => id),
    historyValue,
    isSame: snapshot === before,
    staysInStates: _nodes === (before as FullSnapshot | null)?._nodes,
    text: JSON.stringify(snapshot, (key, inner: unknown) => (key === 'children' ? undefined : inner)),
    actions: actions.map(actionFacts),
  }
}

function actionFacts({ type, params, info, exec }: ActionObject): unknown {
  if (!type.startsWith('xstate.')) {
    const { context, event, self, system } = info as Record<string, unknown>
    return {
      type,
      params,
      does: doing(exec, info, params),
      context,
      event,
      self,
      system,
      keys: Object.keys(info as object),
    }
  }
  if (type === 'xstate.stopChild') return { type, child: childFacts(params) }
  const { actorRef, to, ...others } = (params ?? {}) as Record<string, unknown>
  return { type, ...others, actorRef: childFacts(actorRef), to: childFacts(to) }
}

// A chart that enqueues actions makes them anew in each step, so a function is known by what it asks for, or its source.
function doing(exec: ActionObject['exec'], info: unknown, params: unknown): unknown {
  try {
    return requestOf(exec, info, params) ?? String(exec)
  } catch (thrown) {
    return errorFacts(thrown)
  }
}

// Of an actor object only these are kept, whoever made it; a self reference is told by its address.
function childFacts(child: unknown): unknown {
  if (typeof child !== 'object' || child === null) return child
  const { id, src, logic, _syncSnapshot } = child as Record<string, unknown>
  return { id, src, logic, syncs: _syncSnapshot === true }
}

function errorFacts(error: unknown): unknown {
  return error instanceof Error ? { name: error.name, message: error.message } : error
}
