import type { ActorRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import { beginsAnew, createRestartState } from './restart-state.ts'

/** What of an actor's restarts is to survive. Most have none. */
export function restartRecord({ restarts }: Cell): Pick<ActorRecord, 'restarts' | 'quarantined'> {
  if (!restarts) return {}
  const { history, childHistory, standby } = restarts
  const quarantined = standby?.quarantined
  const next = standby && standby.due !== null ? { due: standby.due, from: standby.from, lost: standby.lost } : null
  return {
    ...(history || childHistory || next ? { restarts: { own: history, children: childHistory, next } } : {}),
    ...(quarantined ? { quarantined } : {}),
  }
}

/** True for the record of a life that had not begun and owes nothing to its last state: what that is does not matter. */
export function beginsFromStart({ restarts, quarantined }: ActorRecord): boolean {
  return quarantined !== undefined || restarts?.next?.from === 'start'
}

/** Takes up what a record says of restarts. */
export function restoreRestarts(cell: Cell, { restarts, quarantined, timers }: ActorRecord): void {
  if (!restarts && !quarantined && !beginsAnew(cell)) return
  const state = createRestartState(undefined)
  cell.restarts = state
  state.history = restarts?.own ?? null
  state.childHistory = restarts?.children ?? null
  const next = restarts?.next ?? null
  if (!next && !quarantined) return
  const { due = null, from = 'start', lost = [] } = next ?? {}
  const live = { children: [], kept: [], timer: null }
  state.standby = { due, from, quarantined: quarantined ?? null, timers, lost, ...live }
}
