import type { Contract } from '../protocol/contract.ts'
import type { ActorRecord } from '../protocol/record.ts'
import { type ChartMachine, chartOf, type ChartNode, nodesOf, takesEvent } from './chart.ts'
import { contractFault } from './contract-fault.ts'
import type { Obstacle } from './obstacle.ts'
import { settleTimers } from './settle-timers.ts'

/**
 * A migrated record is settled when the new chart can take up all that is under way in it:
 *
 * - Tasks and children: the chart has their logic under its name, and where states invoke their id, the record is in one
 *   of them. They go on; a task is run again as after any restart, with its old input and key.
 * - What active states invoke has been started: nobody would start it later, and the chart would wait for ever.
 * - Timers: those of delays belong to a delay of an active state, those of messages to a message that the chart takes.
 *   Delays of states that were left are dropped, as leaving drops them; those of states that the migration leads to begin.
 * - Messages put away, and its messages to itself: some state takes them, and the contract accepts their fields.
 * - What history states remember exists.
 *
 * Messages to others, watermarks, parent and watches do not depend on the chart and stay as they are.
 */

/** A record with the state it has after its migration. */
export interface Unsettled {
  readonly record: ActorRecord
  readonly machine: ChartMachine
  readonly contract: Contract | null
  readonly active: readonly ChartNode[]
  /** Paths of the states it was in before. */
  readonly before: ReadonlySet<string>
  /** Paths of the states whose delays begin anew. */
  readonly begins: ReadonlySet<string>
  /** Those of them that must be in the chart. */
  readonly named: readonly string[]
  readonly now: number
}

/** The record as the chart can go on with it, and what it cannot go on with. */
export function settle(given: Unsettled): { record: ActorRecord; obstacles: Obstacle[] } {
  const { record } = given
  const { timers, obstacles } = settleTimers(given)
  obstacles.push(
    ...partObstacles(given),
    ...invokeObstacles(given),
    ...eventObstacles(given),
    ...historyObstacles(given),
  )
  const dues = timers.map(({ due }) => due)
  const wake = record.wake === 0 || record.stash.length > 0 ? 0 : dues.length > 0 ? Math.min(...dues) : null
  return { record: { ...record, ...withoutLostParts(given), timers, wake }, obstacles }
}

/** True when the chart would be done in these states. */
export function isFinal(node: ChartNode, active: ReadonlySet<ChartNode>): boolean {
  const children = Object.values(node.states).filter((child) => active.has(child))
  if (node.type === 'parallel') return children.every((child) => isFinal(child, active))
  return children.some(({ type }) => type === 'final')
}

interface Part {
  readonly kind: 'task' | 'child'
  readonly id: string
  readonly src: string
}

function partsOf({ tasks, children, snapshot }: ActorRecord): Part[] {
  const living = Object.entries(snapshot.children ?? {}).filter(([id]) => Object.hasOwn(children, id))
  return [
    ...tasks.map(({ id, src }) => ({ kind: 'task' as const, id, src })),
    ...living.map(([id, { src }]) => ({ kind: 'child' as const, id, src })),
  ]
}

function partObstacles({ record, machine, active }: Unsettled): Obstacle[] {
  const { actors } = machine.implementations
  const invokes = [...nodesOf(machine.root)].flatMap((node) =>
    node.invoke.map((invoke) => ({ ...invoke, isActive: active.includes(node) })),
  )
  return partsOf(record).flatMap((part): Obstacle[] => {
    const { kind, id, src } = part
    const logic = Object.hasOwn(actors, src) ? actors[src] : undefined
    if (logic === undefined)
      return [partObstacle(part, `its logic '${src}' is gone`, 'name its successor in `renamed.actors`')]
    if (kind === 'task' ? chartOf(logic) !== null : isLeaf(logic)) {
      return [partObstacle(part, `its logic '${src}' is of another kind now`, 'give the new logic a name of its own')]
    }
    const own = invokes.filter((invoke) => invoke.id === id)
    if (own.some((invoke) => invoke.isActive && invoke.src === src)) return []
    // A child that no state invokes was spawned, but for an id that XState gives to what a state invokes.
    if (own.length === 0 && !/^\d+\./.test(id)) return []
    const hint = 'migrate to a state that invokes it, or give its new id in `renamed.children`'
    return [partObstacle(part, `no state that the record is in invokes '${src}' as '${id}'`, hint)]
  })
}

function partObstacle({ kind, id }: Part, fault: string, hint: string): Obstacle {
  const keep = 'or keep it in this version, and remove it when no record has it'
  return { kind, name: id, fault: `the ${kind} '${id}' is under way, and ${fault}`, hint: `${hint}, ${keep}` }
}

function isLeaf(logic: unknown): boolean {
  return chartOf(logic) === null && typeof (logic as { readonly start?: unknown } | null)?.start === 'function'
}

function invokeObstacles({ record, active }: Unsettled): Obstacle[] {
  const { children = {} } = record.snapshot
  const underWay = new Set(partsOf(record).map(({ id }) => id))
  return active.flatMap(({ id: state, invoke }) =>
    invoke
      .filter(({ id, src }) => !underWay.has(id) && children[id]?.src !== src)
      .map(({ id }) => ({
        kind: 'invoke' as const,
        name: id,
        fault: `the state '${state}' invokes '${id}' now, which nobody has started`,
        hint: 'migrate to a state from which a message or a delay leads there, or invoke it in a state of its own',
      })),
  )
}

function eventObstacles({ record, machine, contract }: Unsettled): Obstacle[] {
  const { stash, outbox, address } = record
  const toItself = outbox.filter(({ to }) => to === address)
  return [...stash, ...toItself].flatMap(({ event }): Obstacle[] => {
    const name = event.type
    if (!takesEvent(machine, name)) {
      const hint = 'name its successor in `renamed.events`, or take it somewhere, if only to refuse it'
      return [{ kind: 'event', name, fault: `a message '${name}' waits, and no state takes it`, hint }]
    }
    const reason = contractFault(contract, event)
    if (reason === null) return []
    const fault = `a message '${name}' waits, and ${reason}`
    return [{ kind: 'event', name, fault, hint: 'let the contract accept the older form as well' }]
  })
}

function historyObstacles({ record, machine }: Unsettled): Obstacle[] {
  const ids = new Set([...nodesOf(machine.root)].map(({ id }) => id))
  return Object.entries(record.snapshot.history ?? {}).flatMap(([id, remembered]) =>
    [id, ...remembered]
      .filter((each) => !ids.has(each))
      .map((name) => ({
        kind: 'history' as const,
        name,
        fault: `a history state remembers '${name}', which is gone`,
        hint: 'rename it in `renamed.states`, or return `history` without it from `migrate`',
      })),
  )
}

// Children that have ended, and whose logic is gone: a chart cannot name them any more.
function withoutLostParts({ record, machine }: Unsettled): Pick<ActorRecord, 'snapshot'> {
  const { children, ...snapshot } = record.snapshot
  if (!children) return { snapshot: record.snapshot }
  const kept = Object.entries(children).filter(([, { src }]) => Object.hasOwn(machine.implementations.actors, src))
  return { snapshot: { ...snapshot, ...(kept.length > 0 ? { children: Object.fromEntries(kept) } : {}) } }
}
