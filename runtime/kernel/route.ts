import type { Address } from '../protocol/address.ts'
import type { Contract, MessageEvent } from '../protocol/contract.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import type { Principal } from '../protocol/principal.ts'
import { type Ask, type AskOutcome, createAsk } from './asks.ts'
import type { Cell } from './cell.ts'
import { accept } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import type { RemoteDoor } from './remote-door.ts'

/** A message on its way out. */
export interface Outgoing {
  readonly to: Address
  readonly from: Address
  /** The sender's count of its messages. */
  readonly seq: number
  /** The life of a durable sender, who sends again what is not acknowledged. */
  readonly epoch?: number
  readonly event: MessageEvent
  readonly principal: Principal
  /** What a reply off a wire is held against. */
  readonly contract?: Contract | undefined
}

/** How an ask is waited for. */
export interface AskWait {
  /** Absolute, in milliseconds since 1970. */
  readonly deadline: number
  readonly signal?: AbortSignal | undefined
  /** Set when the asker takes chunks. */
  readonly chunked?: ((value: unknown) => void) | undefined
}

const SENT = Promise.resolve()

/**
 * Sends a message to wherever its actor is. Resolves when it stands in the mailbox; with the policy `reject`, when it was
 * processed; to a durable actor, when what came of it is durable. A refused message is a dead letter too, so a sender that does not await loses nothing silently.
 */
export function sendMessage(kernel: Kernel, message: Outgoing): Promise<void> {
  const cell = kernel.registry.cells.get(message.to)
  if (!cell) return sendFurther(kernel, message)
  return sendHere(kernel, cell, message)
}

function sendFurther(kernel: Kernel, message: Outgoing): Promise<void> {
  const { store, remote } = kernel
  if (!store?.isHome(message.to)) {
    return remote ? remote.send(message) : refuseMessage(kernel, message, unknownActor(message.to))
  }
  return quiet(
    new Promise((resolve, reject) => {
      store.reach(message.to, (cell, error) => {
        const sent = cell
          ? sendHere(kernel, cell, message)
          : remote && !error
            ? remote.send(message)
            : refuseMessage(kernel, message, error ?? unknownActor(message.to))
        sent.then(resolve, reject)
      })
    }),
  )
}

function sendHere(kernel: Kernel, cell: Cell, message: Outgoing): Promise<void> {
  const round = wayRound(kernel, message)
  if (round) return round.send(message)
  try {
    if (cell.policies.unhandled !== 'reject' && !cell.durable) {
      accept(kernel, cell, message, null, null)
      return SENT
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    accept(kernel, cell, message, null, { accepted: resolve, refused: reject })
    return quiet(promise)
  } catch (error) {
    return refuseMessage(kernel, message, error)
  }
}

/** Asks an actor wherever it is. Rejects with TIMEOUT at the deadline and CANCELLED on abort. */
export function askMessage(kernel: Kernel, message: Outgoing, wait: AskWait): Promise<unknown> {
  const cell = kernel.registry.cells.get(message.to)
  return cell ? askHere(kernel, cell, message, wait) : askFurther(kernel, message, wait)
}

function askFurther(kernel: Kernel, message: Outgoing, wait: AskWait): Promise<unknown> {
  const { store, remote } = kernel
  if (!store?.isHome(message.to)) {
    return remote ? remote.ask(message, wait) : refuseMessage(kernel, message, unknownActor(message.to))
  }
  return new Promise((resolve, reject) => {
    store.reach(message.to, (cell, error) => {
      const asked = cell
        ? askHere(kernel, cell, message, wait)
        : remote && !error
          ? remote.ask(message, wait)
          : refuseMessage(kernel, message, error ?? unknownActor(message.to))
      asked.then(resolve, reject)
    })
  })
}

function askHere(kernel: Kernel, cell: Cell, message: Outgoing, wait: AskWait): Promise<unknown> {
  const round = wayRound(kernel, message)
  if (round) return round.ask(message, wait)
  if (wait.signal?.aborted) return Promise.reject(abortedAsk(message))
  return new Promise((resolve, reject) => {
    const ask = openAsk(kernel, message, wait, {
      answered: resolve,
      failed(error) {
        cell.asks?.delete(ask.id)
        reject(error)
      },
      chunked: (value) => wait.chunked?.(value),
    })
    try {
      accept(kernel, cell, message, ask, null)
    } catch (error) {
      ask.fail(asTroupeError(error))
    }
  })
}

// The wire, while it has earlier messages of the sender to this actor: by memory this one would overtake them. A node that
// stops takes nothing off the wire any more, so there is nothing to overtake.
function wayRound(kernel: Kernel, { to, from }: Outgoing): RemoteDoor | null {
  const { remote } = kernel
  return remote?.underWay.has(to, from) && kernel.accepting ? remote : null
}

/** An ask whose deadline runs and whose caller may abort it. */
export function openAsk(
  kernel: Kernel,
  message: Pick<Outgoing, 'to' | 'event'>,
  wait: AskWait,
  outcome: AskOutcome,
): Ask {
  const { to, event } = message
  const aborted = (): void => ask.fail(abortedAsk(message))
  const timer = kernel.wheel.set(wait.deadline, () =>
    ask.fail(
      new TroupeError('TIMEOUT', `${to} did not answer '${event.type}' in time`, {
        where: to,
        hint: 'give a longer timeout, or look why the actor waits',
      }),
    ),
  )
  const close = (): void => {
    kernel.wheel.cancel(timer)
    wait.signal?.removeEventListener('abort', aborted)
  }
  const ask = createAsk(kernel.nextAskId(), event.type, {
    answered(value, given) {
      close()
      outcome.answered(value, given)
    },
    failed(error) {
      close()
      outcome.failed(error)
    },
    chunked: outcome.chunked,
  })
  wait.signal?.addEventListener('abort', aborted)
  return ask
}

function abortedAsk({ to, event }: Pick<Outgoing, 'to' | 'event'>): TroupeError {
  return new TroupeError('CANCELLED', `the ask '${event.type}' was aborted`, { where: to })
}

/** The error for an address where nobody is. */
export function unknownActor(to: Address): TroupeError {
  return new TroupeError('NOT_FOUND', `there is no actor at ${to}`, {
    where: to,
    hint: 'spawn it first; an ephemeral actor lives only while its process does, a durable one is found where its type is hosted',
  })
}

/** A rejection that does not end the process when nobody awaits it: the dead letters hold it as well. */
export function refuseMessage(kernel: Kernel, message: Outgoing, thrown: unknown): Promise<never> {
  const error = asTroupeError(thrown)
  kernel.deadLetters.add({ to: message.to, from: message.from, event: message.event, error })
  return quiet(Promise.reject(error))
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
