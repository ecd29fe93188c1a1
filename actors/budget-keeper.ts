import { budgetContract } from '../machines/budget.contract.ts'
import { budgetMachine } from '../machines/budget.machine.ts'
import { type ActorDefinition, type ActorDurability, defineActor } from '../runtime/kernel/definition.ts'
import { assertChoice } from '../runtime/protocol/choice.ts'

/** What `defineBudgetKeeper` takes. */
export interface BudgetKeeperOptions {
  /** Default `ephemeral`: what was spent is forgotten with the process. */
  readonly durability?: ActorDurability
}

/** A definition of budget keepers. */
export type BudgetKeeper = ActorDefinition<typeof budgetContract>

const DURABILITIES: readonly ActorDurability[] = ['ephemeral', 'durable']

/** The keeper of budgets that end with their process. */
export const budgetKeeper: BudgetKeeper = keeperOf('budget', 'ephemeral', 10_000)

/** The keeper of budgets that outlive their process. It remembers less: its memory is written down with each commit. */
export const durableBudgetKeeper: BudgetKeeper = keeperOf('durable-budget', 'durable', 500)

/**
 * The keeper of budgets: one actor holds one whole tree, so that a reservation is all or nothing up to its root. Host the
 * durable one in every process that may have to take a budget over.
 *
 * @example
 * const keeper = defineBudgetKeeper({ durability: 'durable' })
 * const runtime = await createRuntime({ journal: sqlite('runs.db'), actors: [keeper] })
 */
export function defineBudgetKeeper({ durability = 'ephemeral' }: BudgetKeeperOptions = {}): BudgetKeeper {
  assertChoice(durability, DURABILITIES, 'durability')
  return durability === 'durable' ? durableBudgetKeeper : budgetKeeper
}

function keeperOf(type: string, durability: ActorDurability, remember: number): BudgetKeeper {
  return defineActor({
    type,
    contract: budgetContract,
    logic: budgetMachine({ remember }),
    durability,
    // Thousands may reserve in the same moment, and none of them is to lose a settlement.
    mailbox: { capacity: 100_000 },
  })
}
