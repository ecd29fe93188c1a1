import type { Address } from '../protocol/address.ts'
import { TroupeError, type ErrorValue } from '../protocol/errors.ts'
import type { TimerRecord } from '../protocol/record.ts'
import type { RestartHistory } from '../supervision/restart-history.ts'
import type { RestartBeginning } from '../supervision/supervision-policy.ts'
import { type SupervisionPolicy, supervisionPolicy } from '../supervision/supervision-policy.ts'
import type { Cell, Delivery } from './cell.ts'
import type { ActorDefinition } from './definition.ts'
import type { Timer } from './timer-wheel.ts'

/**
 * What only an actor has that may be started again, or that supervises one that was.
 *
 * A life that is over is followed by another cell, its heir, under the same address: at once, though it may stand by for
 * a while before it begins. So whoever sends finds it, and nothing of the old life can act for the new one.
 */
export interface RestartState {
  /** What it began with. A durable actor has it in its durable state. */
  readonly input: unknown
  /** Its own restarts; null before the first. */
  history: RestartHistory | null
  /** Those of its children, where they fall together. */
  childHistory: RestartHistory | null
  /** Set while it waits to begin. */
  standby: Standby | null
  /** The life that took the place of this one. */
  heir: Cell | null
}

/** A life that has not begun. */
export interface Standby {
  /** Milliseconds since 1970; null when an operator decides. */
  due: number | null
  from: RestartBeginning
  /** Why it takes no messages, when it takes none. */
  readonly quarantined: ErrorValue | null
  /** What the last good state waits for. */
  readonly timers: readonly TimerRecord[]
  /** Lives of children that begin again with it. */
  readonly children: readonly Cell[]
  /** The names of all that it had under way: what does not begin again, the chart has lost. */
  readonly lost: readonly string[]
  /** The messages that came meanwhile, in their order. */
  readonly kept: Delivery[]
  /** Of the start that it is part of: a later decision makes that void. */
  timer: Timer | null
}

const UNSUPERVISED = supervisionPolicy()

/** The state of an actor before its first restart. */
export function createRestartState(input: unknown): RestartState {
  return { input, history: null, childHistory: null, standby: null, heir: null }
}

/** What an actor asks of its supervisor. A child without a definition is a part of its parent, which alone deals with it. */
export function supervisionOf({ definition }: { readonly definition: ActorDefinition | null }): SupervisionPolicy {
  return definition?.policies.supervision ?? UNSUPERVISED
}

/** True for an actor that may have to begin anew: its input is kept. */
export function beginsAnew(actor: { readonly definition: ActorDefinition | null }): boolean {
  const { restart, onPoison } = supervisionOf(actor)
  return restart !== 'temporary' || onPoison === 'reset'
}

/** True when the input of an actor is known, so that it can begin anew. */
export function hasInput(cell: Cell): boolean {
  return cell.durable !== null || beginsAnew(cell)
}

/** What an actor began with. */
export function inputOf({ durable, restarts }: Cell): unknown {
  return durable ? durable.input : restarts?.input
}

/** The present life of the actor that a cell is a life of. */
export function livingCell(cell: Cell): Cell {
  let living = cell
  for (let next = living.restarts?.heir; next; next = living.restarts?.heir) living = next
  // Who still holds the first life must not hold all between.
  if (cell.restarts?.heir) cell.restarts.heir = living
  return living
}

/** Why an actor in quarantine takes no messages; undefined for any other. */
export function quarantineError(cell: Cell): TroupeError | undefined {
  const error = cell.restarts?.standby?.quarantined
  return error ? quarantined(cell.address, error) : undefined
}

function quarantined(address: Address, error: ErrorValue): TroupeError {
  return new TroupeError('UNAVAILABLE', `${address} is in quarantine: ${error.message}`, {
    where: address,
    hint: 'mend the cause, then start it anew with runtime.reset(address), or stop it',
    data: error,
  })
}
