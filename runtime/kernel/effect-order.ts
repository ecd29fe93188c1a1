import type { ActionObject } from './step.ts'

/**
 * The actions of a step in the order they are carried out: as the chart names them, but a message to a child comes after the
 * start of that child. A state's entry actions are listed before its invokes, and XState delivers once all have started.
 */
export function inEffectOrder(actions: readonly ActionObject[]): readonly ActionObject[] {
  const last = lastSpawn(actions)
  if (last < 1) return actions
  const ordered: ActionObject[] = []
  const waiting = new Map<unknown, ActionObject[]>()
  for (let index = 0; index < actions.length; index++) {
    const action = actions[index] as ActionObject
    const child = index < last && action.type === 'xstate.sendTo' ? spawnedLater(actions, index) : undefined
    if (child === undefined) ordered.push(action)
    else waiting.set(child, [...(waiting.get(child) ?? []), action])
    if (action.type === 'xstate.spawnChild') ordered.push(...(waiting.get(childOf(action)) ?? []))
  }
  return ordered
}

function lastSpawn(actions: readonly ActionObject[]): number {
  for (let index = actions.length - 1; index >= 0; index--) {
    if (actions[index]?.type === 'xstate.spawnChild') return index
  }
  return -1
}

function spawnedLater(actions: readonly ActionObject[], index: number): unknown {
  const { to } = (actions[index] as ActionObject).params as { to: unknown }
  const comes = actions.some(
    (action, at) => at > index && action.type === 'xstate.spawnChild' && childOf(action) === to,
  )
  return comes ? to : undefined
}

function childOf({ params }: ActionObject): unknown {
  return (params as { actorRef?: unknown }).actorRef
}
