import type { Address } from '../protocol/address.ts'
import type { Query } from '../protocol/envelope.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import { authorise, type Principal } from '../protocol/principal.ts'
import { findBack } from './come-back.ts'
import type { Kernel } from './kernel.ts'
import { endCell } from './lifecycle.ts'
import { resetActor } from './quarantine.ts'
import { viewState } from './state-view.ts'
import { lostShard, type Store } from './store.ts'
import { awaitCondition, awaitEnd, awaitResult } from './wait.ts'

/** A query about an actor itself. */
export type AboutActor = Exclude<Query, { readonly kind: 'cancel' }>

const GRANT: Readonly<Record<AboutActor['kind'], string>> = {
  state: 'troupe.observe',
  wait: 'troupe.observe',
  result: 'troupe.observe',
  end: 'troupe.observe',
  stop: 'troupe.stop',
  reset: 'troupe.reset',
}

const LONG = 3_600_000
// How often an actor is brought back that leaves memory before it was looked at.
const ATTEMPTS = 5

/** Asks about an actor wherever it is, stops it or resets it. */
export async function queryActor(
  kernel: Kernel,
  to: Address,
  query: AboutActor,
  principal: Principal,
  signal?: AbortSignal,
): Promise<unknown> {
  authorise(principal, GRANT[query.kind], to)
  // Most actors are here and forget: they are looked at without a turn of promises.
  const look = (): unknown => queryWhereItIs(kernel, to, query, principal, signal)
  return kernel.store?.isHome(to) ? settledBack(kernel, kernel.store, to, look) : look()
}

function queryWhereItIs(
  kernel: Kernel,
  to: Address,
  query: AboutActor,
  principal: Principal,
  signal?: AbortSignal,
): unknown {
  const here = kernel.registry.cells.has(to) || kernel.registry.ended(to) !== undefined || !kernel.remote
  if (!here && kernel.remote) return kernel.remote.query(to, query, principal, signal)
  return queryHere(kernel, to, query, signal)
}

// What is answered about a durable actor is durable: nobody learns of a state that a crash could take back. While that is
// waited for, the actor may leave memory: then it is still there, and is brought back once more.
async function settledBack(kernel: Kernel, store: Store, to: Address, look: () => unknown): Promise<unknown> {
  const { registry } = kernel
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { cell, ended } = await findBack(kernel, to)
    await store
      .shardOf(to)
      .settled()
      .catch((cause: unknown) => {
        throw lostShard(to, asTroupeError(cause, 'STORAGE'))
      })
    registry.recall(ended)
    if (!cell || registry.cells.has(to) || registry.ended(to)) return look()
  }
  throw new TroupeError('UNAVAILABLE', `${to} left memory each time it was brought back`, {
    where: to,
    hint: 'ask again, or give its definition a longer restAfter',
  })
}

/** Answers another node's query about an actor of this one. The caller has authorised it. */
export async function answerQuery(kernel: Kernel, to: Address, query: AboutActor): Promise<unknown> {
  const look = (): unknown => queryHere(kernel, to, query)
  return kernel.store?.isHome(to) ? settledBack(kernel, kernel.store, to, look) : look()
}

// The answer, or what resolves to it.
function queryHere(kernel: Kernel, to: Address, query: AboutActor, signal?: AbortSignal): unknown {
  const deadline = ('deadline' in query ? query.deadline : undefined) ?? kernel.clock.now() + LONG
  const wait = { deadline, signal }
  switch (query.kind) {
    case 'state':
      return viewState(kernel, to)
    case 'result':
      return awaitResult(kernel, to, wait)
    case 'end':
      return awaitEnd(kernel, to, wait)
    case 'wait':
      return awaitCondition(kernel, to, query.for, wait)
    case 'stop': {
      const cell = kernel.registry.cells.get(to)
      if (cell) endCell(kernel, cell, { reason: 'stopped', tellParent: true })
      return cell?.durable?.shard.settled()
    }
    case 'reset':
      return resetActor(kernel, to).durable?.shard.settled()
  }
}

/** The grant that a query of the kind needs. */
export function queryGrant(kind: AboutActor['kind']): string {
  return GRANT[kind]
}
