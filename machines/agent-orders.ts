import type { MessageEvent } from '../runtime/protocol/contract.ts'
import type { AgentContext, AgentOrder, AgentRun } from './agent-context.ts'

/** Has something done about a change. */
export function order(context: AgentContext, one: AgentOrder): AgentContext {
  return { ...context, orders: [...context.orders, one] }
}

/** Has something said of the run, with the number it has there. */
export function say(context: AgentContext, event: MessageEvent): AgentContext {
  const run = context.run as AgentRun
  const seq = run.seq + 1
  const told: AgentOrder = { do: 'say', event: { ...event, run: run.id, seq } }
  return { ...context, run: { ...run, seq }, orders: [...context.orders, told] }
}
