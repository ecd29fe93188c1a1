import type { TimerRecord } from '../protocol/record.ts'
import { type ChartNode, nodesOf, takesEvent } from './chart.ts'
import type { Obstacle } from './obstacle.ts'
import type { Unsettled } from './settle.ts'

/** The timers that a migrated record goes on with. */
export function settleTimers(given: Unsettled): { timers: TimerRecord[]; obstacles: Obstacle[] } {
  const { record, active } = given
  const timers: TimerRecord[] = []
  const obstacles: Obstacle[] = []
  const delays = new Map(active.flatMap((node) => node.after.map(({ eventType }) => [eventType, node])))
  for (const timer of record.timers) {
    const { id, to, event } = timer
    const delayed = delays.get(id)
    if (to === 'self' && id.startsWith('xstate.after.')) {
      if (delayed ? !begins(given, delayed) : isLost(given, id)) {
        if (delayed) timers.push(timer)
        else obstacles.push(lostDelay(given, id))
      }
    } else if (to === 'self' && !takesEvent(given.machine, event.type)) {
      const hint = 'name its successor in `renamed.events`, or take it somewhere, if only to ignore it'
      const fault = `a timer will bring '${event.type}', and no state takes it`
      obstacles.push({ kind: 'event', name: event.type, fault, hint })
    } else timers.push(timer)
  }
  for (const node of active.filter((each) => begins(given, each))) {
    for (const [eventType, delay] of new Map(node.after.map((each) => [each.eventType, each.delay]))) {
      const length = lengthOf(given, delay)
      if (length === null) obstacles.push(unknownDelay(node, delay))
      else timers.push({ id: eventType, due: given.now + length, to: 'self', event: { type: eventType } })
    }
  }
  return { timers, obstacles: [...obstacles, ...unknownStates(given)] }
}

function unknownStates({ machine, named }: Unsettled): Obstacle[] {
  const paths = new Set([...nodesOf(machine.root)].map(({ path }) => path.join('.')))
  return named
    .filter((name) => !paths.has(name))
    .map((name) => ({
      kind: 'migration',
      name,
      fault: `\`begins\` names '${name}', and the chart has no such state`,
      hint: "write the path of a state in the new chart, such as 'open.waiting'",
    }))
}

function begins({ before, begins }: Unsettled, { path }: ChartNode): boolean {
  const name = path.join('.')
  return begins.has(name) || (path.length > 0 && !before.has(name))
}

/** True when the record stays in the state that the timer belongs to, so that its delay is not over. */
function isLost(given: Unsettled, id: string): boolean {
  const owner = ownerOf(given, id)
  if (owner === undefined) return true
  return owner !== null && given.active.includes(owner) && !begins(given, owner)
}

/** The state a delay's timer belongs to; null for a state that the chart does not have, undefined when it cannot be said. */
function ownerOf({ machine }: Unsettled, id: string): ChartNode | null | undefined {
  const nodes = [...nodesOf(machine.root)]
  const [owner] = nodes.filter((node) => id.endsWith(`.${node.id}`)).sort((a, b) => b.id.length - a.id.length)
  if (owner && owner !== machine.root) return owner
  // The path of a state without an id of its own is in the name, behind the chart's id.
  const start = id.indexOf(`.${machine.id}.`)
  if (start < 0) return owner
  const path = id.slice(start + machine.id.length + 2)
  return nodes.find((node) => node.path.join('.') === path) ?? null
}

function lengthOf({ machine, record }: Unsettled, delay: unknown): number | null {
  const { delays } = machine.implementations
  const named = typeof delay === 'string' && Object.hasOwn(delays, delay) ? delays[delay] : delay
  const length = typeof named === 'function' ? compute(named as DelayFunction, record.snapshot.context) : named
  return typeof length === 'number' && Number.isFinite(length) && length >= 0 ? length : null
}

type DelayFunction = (args: { readonly context: unknown; readonly event: { readonly type: string } }) => unknown

function compute(delay: DelayFunction, context: unknown): unknown {
  try {
    return delay({ context: structuredClone(context), event: { type: 'troupe.migrated' } })
  } catch {
    return null
  }
}

function lostDelay(given: Unsettled, id: string): Obstacle {
  const path = ownerOf(given, id)?.path.join('.')
  const hint =
    path === undefined
      ? 'keep the id of its state'
      : `let the delays of the state begin anew: begins: ['${path}'] in the migration`
  return { kind: 'timer', name: id, fault: `the timer '${id}' runs, and the chart has no such delay`, hint }
}

function unknownDelay({ path }: ChartNode, delay: unknown): Obstacle {
  const name = String(delay)
  const fault = `the delay '${name}' of '${path.join('.')}' begins, and its length cannot be told without a message`
  return { kind: 'timer', name, fault, hint: 'compute it from the context alone' }
}
