import { BUDGET_DIMENSIONS, type BudgetAmount, type BudgetLimit, boundsOf } from '../machines/budget-amount.ts'
import type { BudgetView } from '../machines/budget.contract.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import { type Address, parseAddress } from '../runtime/protocol/address.ts'
import { type Duration, milliseconds } from '../runtime/protocol/duration.ts'
import { isTroupeError } from '../runtime/protocol/errors.ts'
import { closedBudget, exceeded, invalidBudget } from './budget-errors.ts'
import { budgetKeeper, defineBudgetKeeper, durableBudgetKeeper } from './budget-keeper.ts'
import { type AskBudget, createBudgetAsk } from './budget-ask.ts'
import { checkHost, checkKey } from './host-check.ts'

/** What `createBudget` takes. */
export interface BudgetOptions {
  /** Whoever gives the same key shares the budget. */
  readonly key: string
  /** What may be spent in all; what is left out is not limited. Money in dollars. */
  readonly limit: BudgetLimit
  /** Default `ephemeral`. A `durable` budget outlives its process, as far as the runtime's journal does. */
  readonly durability?: ActorDurability
}

/** What one reservation may say of itself. */
export interface HoldOptions {
  /** After this time the hold is given back. Default 10 minutes. */
  readonly ttl?: Duration
  /** The actor whose end gives the hold back. */
  readonly holder?: Address
}

/** Where a node of a budget is found: plain data, to be sent to other actors. */
export interface BudgetPlace {
  /** The address of its keeper. */
  readonly keeper: Address
  readonly path: string
}

/** A budget, or one node of its tree. */
export interface Budget {
  readonly place: BudgetPlace
  /** Its key, and the names of the nodes down to this one. */
  readonly path: string
  /** Opens a node below this one, or finds it; CONFLICT when it has another limit. */
  child(name: string, limit?: BudgetLimit): Promise<Budget>
  /**
   * Sets an amount aside here and at all nodes above, or rejects with BUDGET_EXCEEDED, whose `data` says which node lacks
   * what. The call names what is paid for: the same one again finds its hold, and pays once.
   */
  reserve(call: string, amount: BudgetAmount, options?: HoldOptions): Promise<BudgetHold>
  /** Raises its limit, once for each call. Needs the grant `budget.topUp`. */
  topUp(call: string, add: BudgetAmount): Promise<BudgetView>
  /** What stands at this node and below it. */
  view(): Promise<BudgetView>
  /** Folds it into the node above it; a root ends. Calls that are open lose their holds. Resolves to what it came to. */
  close(): Promise<BudgetView>
}

/** What is set aside for one call. The first of `settle` and `release` counts; later ones change nothing. */
export interface BudgetHold {
  readonly call: string
  /** What an earlier attempt at the call has paid: then nothing is held, and settling changes nothing. Null otherwise. */
  readonly paid: BudgetAmount | null
  /** Charges what was really used, and gives the rest back. */
  settle(actual: BudgetAmount): Promise<void>
  release(): Promise<void>
}

const TTL = 600_000

/**
 * Opens a budget, or joins it: a tree of limits in one actor. Money is counted in nano-USD (`nanoUsd(0.01)`).
 *
 * @example
 * const budget = await createBudget(runtime, { key: 'report-7', limit: { costUsd: 2, tokens: 500_000 } })
 * const hold = await budget.reserve('summary', { tokens: 8_000, nanoUsd: nanoUsd(0.02) })
 * await hold.settle({ tokens: 6_412, nanoUsd: nanoUsd(0.016) })
 */
export async function createBudget(host: ActorHost, options: BudgetOptions): Promise<Budget> {
  checkHost(host, 'createBudget')
  checkFields('budget', options, ['key', 'limit', 'durability'])
  checkKey(options.key, 'budget.key')
  const { key, durability = 'ephemeral' } = options
  const limit = amountOf(options.limit, `limit of '${key}'`)
  const ref = await host.spawn(defineBudgetKeeper({ durability }), { key, input: { path: key, limit } })
  const ask = createBudgetAsk(host, ref)
  try {
    // The one that was found may have another limit.
    await ask({ type: 'budget.open', path: key, limit })
  } catch (error) {
    throw isTroupeError(error, 'NOT_FOUND') ? closedBudget(key) : error
  }
  return budgetAt(ask, { keeper: ref.address, path: key })
}

/** The budget at a place that somebody else has told. Nothing is asked until it is used. */
export function joinBudget(host: ActorHost, place: BudgetPlace): Budget {
  checkHost(host, 'joinBudget')
  checkFields('place', place, ['keeper', 'path'])
  const { type, key } = parseAddress(place.keeper)
  const keeper = [budgetKeeper, durableBudgetKeeper].find((known) => known.type === type)
  if (keeper) return budgetAt(createBudgetAsk(host, host.ref(keeper, key)), place)
  throw invalidBudget(
    'place.keeper',
    `${place.keeper} is no keeper of budgets`,
    "give the 'place' of a budget as it is",
  )
}

function budgetAt(ask: AskBudget, place: BudgetPlace): Budget {
  const { keeper, path } = place
  return {
    place,
    path,
    async child(name, limit) {
      assertName(name, path)
      const inner = `${path}/${name}`
      const bounds = limit === undefined ? {} : { limit: amountOf(limit, `limit of '${inner}'`) }
      await ask({ type: 'budget.open', path: inner, ...bounds })
      return budgetAt(ask, { keeper, path: inner })
    },
    async reserve(call, amount, options = {}) {
      checkFields('reserve', options, ['ttl', 'holder'])
      checkAmount(amount)
      const { ttl = TTL, holder } = options
      const rest = holder === undefined ? {} : { holder: addressOf(holder) }
      const made = await ask({ type: 'budget.reserve', call, path, amount, ttl: milliseconds(ttl), ...rest })
      if (made.status === 'refused') throw exceeded(call, made.refusal)
      return createHold(ask, call, made.status === 'settled' ? made.actual : null)
    },
    async topUp(call, add) {
      checkAmount(add)
      return ask({ type: 'budget.topUp', call, path, add })
    },
    view: () => ask({ type: 'budget.view', path }),
    async close() {
      try {
        return await ask({ type: 'budget.close', path })
      } catch (error) {
        // A root that was closed before has ended, and its end can still be asked for.
        if (path === parseAddress(keeper).key && isTroupeError(error, 'NOT_FOUND')) return ask.end()
        throw error
      }
    },
  }
}

function createHold(ask: AskBudget, call: string, paid: BudgetAmount | null): BudgetHold {
  let end: Promise<unknown> | null = paid ? Promise.resolve() : null
  // One that could not be told may be told again.
  const once = async (attempt: () => Promise<unknown>): Promise<void> => {
    end ??= attempt().catch((error: unknown) => {
      end = null
      throw error
    })
    await end
  }
  return {
    call,
    paid,
    settle: (actual) =>
      once(() => {
        checkAmount(actual)
        return ask({ type: 'budget.settle', call, actual })
      }),
    release: () => once(() => ask({ type: 'budget.release', call })),
  }
}

function amountOf(limit: BudgetLimit, where: string): BudgetAmount {
  checkFields(where, limit, ['tokens', 'costUsd', 'ms'])
  for (const [name, value] of Object.entries(limit)) {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) continue
    const shown = typeof value === 'string' ? `'${value}'` : String(value)
    throw invalidBudget(where, `${name} of the ${where} is ${shown}`, 'give a finite number from 0')
  }
  const { tokens, nanoUsd, ms } = boundsOf(limit)
  return {
    ...(tokens === null ? {} : { tokens }),
    ...(nanoUsd === null ? {} : { nanoUsd }),
    ...(ms === null ? {} : { ms }),
  }
}

// A dimension that is misspelt would not be counted.
function checkAmount(amount: BudgetAmount): void {
  checkFields('amount', amount, BUDGET_DIMENSIONS)
}

function checkFields(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    const shown = options === null || options === undefined ? String(options) : `a ${typeof options}`
    throw invalidBudget(where, `the ${where} is ${shown}`, `give an object with ${known.join(', ')}`)
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw invalidBudget(where, `the ${where} has no '${unknown}'`, `there are: ${known.join(', ')}`)
}

function assertName(name: string, path: string): void {
  if (typeof name === 'string' && name !== '' && !name.includes('/')) return
  throw invalidBudget(path, `'${name}' cannot name a node of ${path}`, "give a text without '/'")
}

function addressOf(holder: string): string {
  parseAddress(holder)
  return holder
}
