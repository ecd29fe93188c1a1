import type { BudgetAmount } from '../machines/budget-amount.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import { createBudgetAsk } from './budget-ask.ts'
import type { BudgetPlace } from './budget-client.ts'
import { exceeded } from './budget-errors.ts'
import { budgetKeeper, durableBudgetKeeper } from './budget-keeper.ts'

/** Where the attempts of a call are paid from. Each is named by its call and its number, so that none is paid twice. */
export interface CallAccount {
  /** Rejects with BUDGET_EXCEEDED, whose `data` says what is lacking. */
  reserve(attempt: string, amount: BudgetAmount): Promise<void>
  /** Charges what was used; nothing at all gives everything back. */
  settle(attempt: string, actual: BudgetAmount | null): Promise<void>
}

/**
 * The account of a call at the place of its budget. It talks to the keeper by names alone: so a call that is taken up in
 * another process settles what it reserved before.
 */
export function openAccount(hands: Hands, { keeper, path }: BudgetPlace, ttl: number): CallAccount {
  const { type, key } = parseAddress(keeper)
  const definition = type === durableBudgetKeeper.type ? durableBudgetKeeper : budgetKeeper
  const ask = createBudgetAsk(hands, hands.ref(definition, key))
  return {
    async reserve(call, amount) {
      const made = await ask({ type: 'budget.reserve', call, path, amount, ttl, holder: hands.owner })
      if (made.status === 'refused') throw exceeded(call, made.refusal)
    },
    async settle(call, actual) {
      await ask(actual ? { type: 'budget.settle', call, actual } : { type: 'budget.release', call })
    },
  }
}
