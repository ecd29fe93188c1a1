import type { MessageOf } from '../runtime/protocol/contract.ts'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { agentContract } from './agent.contract.ts'
import { type AgentContext, type AgentOrder, type AgentRun, initialRun, resultOfRun } from './agent-context.ts'
import { agentPrint } from './agent-print.ts'

/** What becomes of a run that is asked for while there is another, or that was asked for before. */

type RunMessage = Extract<MessageOf<typeof agentContract>, { readonly type: 'agent.run' }>

/** How many runs may wait for the one under way. */
export const LONGEST_QUEUE = 16

/** Whether a run of this name has ended. */
export function isOver({ ran }: AgentContext, run: string): boolean {
  return ran.some((other) => other.run === run)
}

/** Whether a run of this name waits. */
export function isWaiting({ waiting }: AgentContext, run: string): boolean {
  return waiting.some((other) => other.run === run)
}

/**
 * Takes in a run that does not begin now. The same one again is joined, or gets what it came to; another waits. The name of
 * a run stands for its prompt: with another one it is refused.
 */
export function admit(context: AgentContext, message: RunMessage, ask: string | undefined): AgentContext {
  const { run, last, ran, waiting, input } = context
  const { run: id, stream: streams, prompt, timeout } = message
  const print = agentPrint(prompt)
  const listeners = ask === undefined ? [] : [{ ask, streams }]
  const idle: AgentContext = { ...context, orders: [] }
  const same =
    run?.id === id ? run : (waiting.find((other) => other.run === id) ?? ran.find((other) => other.run === id))
  if (same && same.print !== print) {
    const reason = `the run '${id}' has another prompt: the key of a run stands for one prompt, so give this one a key of its own`
    return refuse(idle, ask, { reason, code: 'CONFLICT' })
  }
  if (run && run === same) return { ...idle, run: { ...run, listeners: [...run.listeners, ...listeners] } }
  if (isWaiting(context, id)) {
    const joined = waiting.map((other) => {
      return other.run === id ? { ...other, listeners: [...other.listeners, ...listeners] } : other
    })
    return { ...idle, waiting: joined }
  }
  if (last?.run === id) return answer(idle, ask, last)
  if (same) {
    const reason = `the run '${id}' is over, and what it came to is no longer kept: to run it once more, give it another key`
    return refuse(idle, ask, { reason, code: 'CONFLICT' })
  }
  if (input.prompt !== undefined) {
    const reason = 'this agent was spawned with a prompt and ends with it: open a session to run others'
    return refuse(idle, ask, { reason, code: 'CONFLICT' })
  }
  if (waiting.length >= LONGEST_QUEUE) {
    const reason = `${LONGEST_QUEUE} runs wait for '${run?.id}' already: wait for one of them, or open another session`
    return refuse(idle, ask, { reason, code: 'OVERLOADED' })
  }
  return { ...idle, waiting: [...waiting, { run: id, prompt, print, timeout: timeout ?? null, listeners }] }
}

/** A run that waits is not wanted any more: who waits for it is told. */
export function withdraw(context: AgentContext, id: string, message: string): AgentContext {
  const error = { name: 'TroupeError', code: 'CANCELLED' as const, message }
  const orders = context.waiting
    .filter(({ run }) => run === id)
    .flatMap(({ listeners }) => {
      const value = resultOfRun({
        ...initialRun({ id, timeout: 0, listeners, print: '' }),
        step: 0,
        verdict: { error, isLimit: false },
      })
      return listeners.map(({ ask }): AgentOrder => ({ do: 'answer', ask, value }))
    })
  return { ...context, waiting: context.waiting.filter(({ run }) => run !== id), orders }
}

/** The names of the runs that have ended, with this one, as many as are kept. */
export function withEnded({ ran }: AgentContext, { id, print }: AgentRun): AgentContext['ran'] {
  return [...ran, { run: id, print }].slice(-KEPT_NAMES)
}

const KEPT_NAMES = 64

function answer(context: AgentContext, ask: string | undefined, value: unknown): AgentContext {
  return ask === undefined ? context : { ...context, orders: [{ do: 'answer', ask, value }] }
}

function refuse(
  context: AgentContext,
  ask: string | undefined,
  why: { readonly reason: string; readonly code: ErrorCode },
): AgentContext {
  return ask === undefined ? context : { ...context, orders: [{ do: 'refuse', ask, ...why }] }
}
