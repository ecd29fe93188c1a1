import type { Contract, MessageEvent } from '../protocol/contract.ts'

/** What a contract has against a message it knows, as the end of a sentence; null when there is nothing. */
export function contractFault(contract: Contract | null, event: MessageEvent): string | null {
  const problem = contract?.messages.get(event.type)?.schema.safeParse(event).error?.issues[0]
  if (!problem) return null
  const { path, message } = problem
  return `the contract refuses it: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`
}
