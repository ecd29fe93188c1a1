import type { Address } from '../protocol/address.ts'
import { errorValue, TroupeError } from '../protocol/errors.ts'
import { type ChildrenPolicy, sharesHistory } from '../supervision/children-policy.ts'
import type { SupervisedChild } from '../supervision/restart-group.ts'
import type { RestartHistory } from '../supervision/restart-history.ts'
import { decide, type SupervisionDecision } from '../supervision/supervision-decision.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { type End, endCell, giveUp } from './lifecycle.ts'
import { quarantine } from './quarantine.ts'
import { begin, childCells, succeed } from './restart.ts'
import { createRestartState, supervisionOf } from './restart-state.ts'

/**
 * Carries out what supervision decides about an actor that ended by itself. Returns false when it stays ended: then its
 * parent is told, as by XState.
 */
export function supervise(kernel: Kernel, cell: Cell, end: End): boolean {
  if (supervisionOf(cell).restart === 'temporary') return false
  const supervisor = supervisorOf(cell)
  const policy = supervisor?.policies.children ?? kernel.supervision
  const book = bookOf(cell, supervisor, policy)
  const child = asChild(cell)
  const siblings = siblingsOf(cell, supervisor)
  const error = end.reason === 'error' ? { error: errorValue(end.error, 'CRASHED') } : {}
  const moment = { now: kernel.clock.now(), random: kernel.random.next() }
  const decision = decide(
    { child, siblings, policy, history: book.read(), hasParent: supervisor !== null },
    { reason: end.reason, ...error, ...moment },
  )
  switch (decision.kind) {
    case 'leave':
      return false
    case 'restart':
      restart(kernel, { cell, end, supervisor, decision, due: moment.now + decision.after })
      book.write(decision.history)
      return true
    case 'escalate':
      escalate(kernel, cell, supervisor as Cell, end, decision.error)
      return true
    case 'quarantine':
      quarantine(kernel, cell, end.lastGood, decision.error)
      return true
  }
}

type Restart = SupervisionDecision & { readonly kind: 'restart' }

interface Fall {
  readonly cell: Cell
  readonly end: End
  readonly supervisor: Cell | null
  readonly decision: Restart
  readonly due: number
}

function restart(kernel: Kernel, { cell, end, supervisor, decision, due }: Fall): void {
  const { stop, start, after, history } = decision
  const from = new Map(start.map((member) => [member.id as Address, member.from]))
  const byAddress = new Map(
    supervisor && stop.length > 0 ? childCells(supervisor.children).map((one) => [one.address, one]) : [],
  )
  const why = end.reason === 'done' ? 'it had ended' : errorValue(end.error, 'CRASHED').message
  const lives = new Map<Address, Cell>()
  const failed = succeed(kernel, cell, { due, from: from.get(cell.address) ?? 'start', lastGood: end.lastGood, why })
  lives.set(cell.address, failed)
  for (const id of stop as readonly Address[]) {
    const sibling = byAddress.get(id)
    const beginning = from.get(id)
    if (!sibling || sibling.ended) continue
    if (beginning === undefined) endCell(kernel, sibling, { reason: 'stopped', tellParent: true })
    else lives.set(id, standIn(kernel, sibling, { due, from: beginning, why: `${cell.address} fell: ${why}` }))
  }
  const group = start.flatMap(({ id }) => lives.get(id as Address) ?? [])
  const timer = kernel.wheel.set(due, () => {
    if (!kernel.accepting) return
    // One that fails again takes others with it: then their start is another one.
    for (const life of group) if (life.restarts?.standby?.timer === timer) begin(kernel, life)
  })
  for (const life of group) if (life.restarts?.standby) life.restarts.standby.timer = timer
  if (!kernel.hub.watched) return
  const restarts = history.starts.length
  for (const life of group) {
    const { address, incarnation } = life
    const error = life === failed && end.reason === 'error' ? { error: errorValue(end.error, 'CRASHED') } : {}
    const reason = life === failed ? (end.reason as 'done' | 'error') : 'sibling'
    kernel.hub.record({ kind: 'actor.restarted', address, incarnation, reason, restarts, after, ...error })
  }
}

// One that has not begun yet waits longer.
function standIn(
  kernel: Kernel,
  cell: Cell,
  { due, from, why }: { readonly due: number; readonly from: 'start' | 'last good state'; readonly why: string },
): Cell {
  const standby = cell.restarts?.standby
  if (!standby) return succeed(kernel, cell, { due, from, lastGood: { snapshot: cell.snapshot }, why })
  standby.due = due
  cell.durable?.shard.touch(cell)
  return cell
}

// The supervisor ends with the failure as its own; its children are known until it has.
function escalate(kernel: Kernel, cell: Cell, supervisor: Cell, end: End, reason: Failure): void {
  const lastGood = { snapshot: supervisor.snapshot, children: new Map(supervisor.children) }
  giveUp(kernel, cell, { ...end, tellParent: false })
  const error = new TroupeError(reason.code, reason.message, { ...reason, cause: end.error })
  endCell(kernel, supervisor, { reason: 'error', error, tellParent: true, lastGood })
}

type Failure = (SupervisionDecision & { readonly kind: 'escalate' })['error']

function supervisorOf({ parent }: Cell): Cell | null {
  return parent && !parent.ended ? parent : null
}

function asChild(cell: Cell): SupervisedChild {
  return { id: cell.address, policy: supervisionOf(cell) }
}

// Parts of the supervisor's own chart and actors in quarantine fall with nobody.
function* siblingsOf(cell: Cell, supervisor: Cell | null): Iterable<SupervisedChild> {
  if (!supervisor) return yield asChild(cell)
  for (const sibling of childCells(supervisor.children)) {
    const stays = sibling.definition === null || sibling.ended || sibling.restarts?.standby?.quarantined
    if (sibling === cell || !stays) yield asChild(sibling)
  }
}

interface HistoryBook {
  read(): RestartHistory | null
  write(history: RestartHistory): void
}

// The life that the history is of may be over when it is written: it goes to the next.
function bookOf(cell: Cell, supervisor: Cell | null, policy: ChildrenPolicy): HistoryBook {
  const own = (cell.restarts ??= createRestartState(undefined))
  if (!supervisor || !sharesHistory(policy)) {
    return {
      read: () => own.history,
      write(history) {
        const heir = own.heir?.restarts
        if (heir) heir.history = history
      },
    }
  }
  const state = (supervisor.restarts ??= createRestartState(undefined))
  return {
    read: () => state.childHistory,
    write(history) {
      state.childHistory = history
      supervisor.durable?.shard.touch(supervisor)
    },
  }
}
