import type { ActorRecord } from 'troupe'
import { NO_SUM, sumBy } from '../../machines/budget-amount.ts'
import { unpack } from '../../machines/budget-calls.ts'
import type { BudgetContext } from '../../machines/budget-context.ts'
import { readShelf, shelfEntries } from '../../machines/budget-shelf.ts'
import type { BudgetNode } from '../../machines/budget-tree.ts'

/** What of a keeper's record may never be, as sentences. */
export function budgetFaults({ snapshot }: Pick<ActorRecord, 'snapshot'>): readonly string[] {
  const context = snapshot.context as BudgetContext
  const found: string[] = []
  for (const [path, { settled, held, overrun, limit }] of shelfEntries(context.nodes)) {
    for (const of of ['tokens', 'nanoUsd', 'ms'] as const) {
      const within = `${path} has ${settled[of]} settled and ${held[of]} held of ${limit[of]} ${of}`
      if (settled[of] + held[of] > (limit[of] ?? Infinity)) found.push(within)
      if (Math.min(settled[of], held[of], overrun[of]) < 0) found.push(`${within}, overrun ${overrun[of]}`)
    }
  }
  const { settled, overrun, held } = rootOf(context)
  const paid = [...paidCalls(context).values()].reduce((sum, tokens) => sum + tokens, 0)
  if (paid !== settled.tokens + overrun.tokens) found.push(`${paid} were paid for, and others are counted`)
  const holds = [...shelfEntries(context.holds)].map(([, { amount }]) => amount)
  const sum = holds.reduce((all, amount) => sumBy((of) => all[of] + amount[of]), NO_SUM)
  if (sum.tokens !== held.tokens) found.push(`${held.tokens} are held for ${sum.tokens}`)
  return found
}

/** The root of a keeper's tree. */
export function rootOf({ nodes, root }: BudgetContext): BudgetNode {
  return readShelf(nodes, root) as BudgetNode
}

/** The tokens of the calls that a keeper remembers as paid. */
export function paidCalls({ calls }: BudgetContext): ReadonlyMap<string, number> {
  const ended = new Map([...shelfEntries(calls.old), ...shelfEntries(calls.young)])
  const paid = new Map<string, number>()
  for (const [call, packed] of ended) {
    const { settlement } = unpack(packed)
    if (settlement) paid.set(call, settlement.actual.tokens)
  }
  return paid
}
