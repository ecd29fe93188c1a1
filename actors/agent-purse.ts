import type { Hands } from '../runtime/kernel/hands.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import { agentKey } from './agent-key.ts'
import type { AgentParts } from './agent-parts.ts'
import { type Budget, type BudgetPlace, createBudget, joinBudget } from './budget-client.ts'

/** What the runs of an agent are paid from. */
export interface AgentPurse {
  /** The budget of a run; null when nothing bounds it. */
  of(run: string, place: BudgetPlace | null): Promise<Budget> | null
  /** The run is over: what it did not spend goes back. */
  close(run: string): void
}

/** Opens a node of its own for each run: below the budget that the agent was given, or as a budget that ends with the run. */
export function createAgentPurse(hands: Hands, { budget: limit, durability }: AgentParts): AgentPurse {
  const { type, key: name } = parseAddress(hands.owner)
  const open = new Map<string, Promise<Budget>>()

  function openBudget(run: string, place: BudgetPlace | null): Promise<Budget> | null {
    const key = agentKey(type, name, run)
    if (place) return joinBudget(hands, place).child(key.replaceAll('/', '_'), limit ?? undefined)
    return limit ? createBudget(hands, { key, limit, durability }) : null
  }

  return {
    of(run, place) {
      const known = open.get(run) ?? openBudget(run, place)
      if (known) open.set(run, known)
      // What could not be opened is tried again by the next turn.
      known?.catch(() => open.delete(run))
      return known
    },
    close(run) {
      const budget = open.get(run)
      open.delete(run)
      // A keeper out of reach gives the holds back by itself, when their time is over.
      void budget?.then((node) => node.close()).catch(() => {})
    },
  }
}
