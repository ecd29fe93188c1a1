import { TroupeError } from '../protocol/errors.ts'
import type { RestartStrategy } from './children-policy.ts'
import type { RestartBeginning, SupervisionPolicy } from './supervision-policy.ts'

/** An actor as its supervisor sees it. */
export interface SupervisedChild {
  readonly id: string
  readonly policy: SupervisionPolicy
}

/** Who is stopped, in this order, and then who is started, in this order. */
export interface RestartGroup {
  /** The latest started comes first. The one that failed is not among them: it has ended. */
  readonly stop: readonly string[]
  /** The earliest started comes first. A temporary actor is stopped with the others and stays away. */
  readonly start: readonly RestartMember[]
}

/** One actor to start, and what it begins from. */
export interface RestartMember {
  readonly id: string
  readonly from: RestartBeginning
}

/** The group that is restarted when `child` failed. Siblings come in the order of their start, the child among them. */
export function restartGroup(
  strategy: RestartStrategy,
  child: SupervisedChild,
  siblings: Iterable<SupervisedChild>,
): RestartGroup {
  const failed = { id: child.id, from: child.policy.from }
  // A supervisor may have ten thousand children: who stands alone does not look at them.
  if (strategy === 'one_for_one') return { stop: [], start: [failed] }
  const stop: string[] = []
  const start: RestartMember[] = []
  let isPast = false
  for (const { id, policy } of siblings) {
    if (id === child.id) {
      isPast = true
      start.push(failed)
    } else if (isPast || strategy === 'one_for_all') {
      stop.push(id)
      if (policy.restart !== 'temporary') start.push({ id, from: policy.from })
    }
  }
  if (!isPast) {
    throw new TroupeError('INTERNAL', `${child.id} failed, but is not among the children of its supervisor`, {
      where: child.id,
      hint: 'please report this',
    })
  }
  return { stop: stop.reverse(), start }
}
