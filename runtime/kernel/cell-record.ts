import { encodeSnapshot } from '../persistence/snapshot-codec.ts'
import type { ActorRecord, StashRecord, TimerRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import type { DurableState } from './durable-state.ts'
import { restartRecord } from './restart-record.ts'

/** Everything of a durable actor that is to survive, as it is now. */
export function recordOf(cell: Cell): ActorRecord {
  const { address, incarnation, commits, seq, hosted, principal, parent, snapshot } = cell
  const durable = cell.durable as DurableState
  const { input, outbox, inbox, tasks, ended } = durable
  const owner = parent?.address ?? durable.formerParent
  return {
    format: 1,
    address,
    incarnation,
    commit: commits,
    seq,
    machine: hosted.stamp,
    principal,
    ...(owner ? { parent: { address: owner, childId: cell.childId, syncs: cell.syncs } } : {}),
    ...(input === undefined ? {} : { input }),
    snapshot: encodeSnapshot(snapshot as never, address),
    timers: timersOf(cell),
    tasks: [...tasks.values()],
    outbox: [...outbox.values()],
    inbox: Object.fromEntries(inbox),
    stash: stashOf(cell),
    children: childrenOf(cell),
    watching: [...(cell.watching ?? [])],
    wake: wakeOf(cell, durable),
    // One that still has something to say is not to be forgotten yet.
    ...(ended && outbox.size === 0 ? { ended } : {}),
    ...restartRecord(cell),
  }
}

function timersOf({ timers, restarts }: Cell): readonly TimerRecord[] {
  if (restarts?.standby) return restarts.standby.timers
  return [...(timers ?? [])].map(([id, { timer, to, event }]) => ({ id, due: timer.due, to, event }))
}

// Who asks is gone with the process.
function stashOf({ stash }: Cell): StashRecord[] {
  const kept = stash?.filter(({ ask }) => ask === null) ?? []
  return kept.map(({ event, from, principal }) => ({ event, from, principal }))
}

function childrenOf({ children, durable }: Cell): ActorRecord['children'] {
  const cells = [...(children ?? [])].flatMap(([name, child]) => {
    const address = 'kind' in child ? child.standsFor : child.address
    return address === undefined ? [] : [[name, address] as const]
  })
  const leavers = [...(durable?.leavers ?? [])].map((address) => [address, address] as const)
  return Object.fromEntries([...cells, ...leavers])
}

function wakeOf(cell: Cell, { outbox, tasks, ended }: DurableState): number | null {
  if (outbox.size > 0) return 0
  if (ended) return ended.until
  if (cell.restarts?.standby) return cell.restarts.standby.due
  if (tasks.size > 0 || cell.watching?.size) return 0
  let next: number | null = null
  for (const { timer } of cell.timers?.values() ?? []) next = next === null ? timer.due : Math.min(next, timer.due)
  return next
}
