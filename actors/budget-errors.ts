import { amountText } from '../machines/budget-amount.ts'
import type { BudgetRefusal } from '../machines/budget.contract.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'

/** The error of a call that a budget does not cover; its `data` is the refusal, and the call. */
export function exceeded(call: string, refusal: BudgetRefusal): TroupeError {
  const { node, dimension, limit, spent, held, asked } = refusal
  const shown = (amount: number): string => amountText(dimension, amount)
  const state =
    limit === 0
      ? `its limit is ${shown(0)}; a step of a workflow without a share has nothing to spend: give it one (budget: 0.5)`
      : `of ${shown(limit)}, ${shown(spent)} are spent and ${shown(held)} held`
  return new TroupeError('BUDGET_EXCEEDED', `the budget ${node} does not cover ${shown(asked)}: ${state}`, {
    where: node,
    hint: 'ask less, wait until others have settled, or top the budget up',
    data: { ...refusal, call },
  })
}

/** The error of an option that cannot be. */
export function invalidBudget(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}

/** The error of a budget that is not there any more, and is not to begin anew. */
export function closedBudget(key: string): TroupeError {
  return new TroupeError('CONFLICT', `the budget ${key} was closed`, {
    where: key,
    hint: 'give the new one a key of its own',
  })
}
