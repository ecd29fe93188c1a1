import { policyFields } from './policy-fields.ts'
import { type BackoffOptions, type RestartBackoff, restartBackoff } from './restart-backoff.ts'

const RESTARTS = ['permanent', 'transient', 'temporary'] as const
const ON_POISON = ['resume', 'reset', 'stop'] as const
const BEGINNINGS = ['start', 'last good state'] as const

/** When an actor that ended is started again: always, after an error, never. */
export type RestartType = (typeof RESTARTS)[number]

/** What becomes of an actor whose message went to the dead letters: it goes on as it was, begins anew, or crashes. */
export type PoisonPolicy = (typeof ON_POISON)[number]

/** What a restart begins from: the input, or the last state that was committed. */
export type RestartBeginning = (typeof BEGINNINGS)[number]

/** What an actor asks of whoever supervises it. */
export interface SupervisionPolicy {
  readonly restart: RestartType
  readonly onPoison: PoisonPolicy
  readonly from: RestartBeginning
  readonly backoff: RestartBackoff
}

/** The same as somebody writes it. */
export interface SupervisionOptions {
  /** Default `temporary`: it stays ended and its parent is told, as XState does. An order to stop is never undone. */
  readonly restart?: RestartType
  /** Default `resume`. */
  readonly onPoison?: PoisonPolicy
  /** Default `start`. Who ended well always begins from the start: its last state is its end. */
  readonly from?: RestartBeginning
  readonly backoff?: BackoffOptions
}

/**
 * Fills in defaults. Throws INVALID_MESSAGE, with `where` before the name of the field, for what cannot be meant.
 *
 * @example
 * supervisionPolicy({ restart: 'permanent', backoff: { first: '1s' } }, 'ticket.supervision')
 */
export function supervisionPolicy(options?: SupervisionOptions, where = 'supervision'): SupervisionPolicy {
  const fields = policyFields(options, where, ['restart', 'onPoison', 'from', 'backoff'])
  return {
    restart: fields.choice('restart', RESTARTS, 'temporary'),
    onPoison: fields.choice('onPoison', ON_POISON, 'resume'),
    from: fields.choice('from', BEGINNINGS, 'start'),
    backoff: restartBackoff(fields.part('backoff'), `${where}.backoff`),
  }
}
