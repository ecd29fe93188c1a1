import type { budgetContract, BudgetView } from '../machines/budget.contract.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import type { AskableOf, ReplyOf } from '../runtime/protocol/contract.ts'
import { isTroupeError } from '../runtime/protocol/errors.ts'

type BudgetMessage = AskableOf<typeof budgetContract>

/** Asks the keeper of a budget. */
export interface AskBudget {
  <M extends BudgetMessage>(message: M): Promise<ReplyOf<typeof budgetContract, M['type']>>
  /** What the budget came to, once it has ended. */
  end(): Promise<BudgetView>
}

const ATTEMPTS = 5
const FIRST_DELAY = 100

/**
 * Makes the way to a keeper. Every message of its contract can be told twice without harm, so one that was not answered is
 * told again, a bounded number of times: a settlement that is lost would be money that nobody counts.
 */
export function createBudgetAsk(host: Pick<ActorHost, 'clock' | 'random'>, ref: Ref<typeof budgetContract>): AskBudget {
  async function ask<M extends BudgetMessage>(message: M): Promise<ReplyOf<typeof budgetContract, M['type']>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ref.ask(message)
      } catch (error) {
        if (attempt === ATTEMPTS || !isTroupeError(error) || !error.retryable) throw error
        const longest = FIRST_DELAY * 2 ** attempt
        await new Promise<void>((resolve) => void host.clock.after(longest * (0.5 + host.random.next() / 2), resolve))
      }
    }
  }
  return Object.assign(ask, { end: () => ref.result({ timeout: 0 }) })
}
