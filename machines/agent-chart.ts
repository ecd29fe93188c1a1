import { type AnyStateMachine, getInitialSnapshot, getNextSnapshot } from 'xstate'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import { errorValue, TroupeError } from '../runtime/protocol/errors.ts'

/** Where the author's chart is, as JSON. */
export interface AgentChartState {
  readonly value: unknown
  readonly context: unknown
  readonly isDone: boolean
}

/** The author's chart as a menu: what may be called is what its state takes. */
export interface AgentChart {
  readonly initial: AgentChartState
  /** The events of tools and hand-offs that it knows in some state. */
  readonly events: readonly string[]
  takes(state: AgentChartState, event: MessageEvent): boolean
  next(state: AgentChartState, event: MessageEvent): AgentChartState
}

interface Resolved {
  readonly value: unknown
  readonly context: unknown
  readonly status: string
  can(event: MessageEvent): boolean
}

interface ChartNode {
  readonly id: string
  readonly type: string
  readonly invoke: readonly unknown[]
  readonly after: readonly unknown[]
  readonly config: { readonly on?: Readonly<Record<string, unknown>> }
}

/**
 * The chart of an author, made ready. It only says what may come next: it has no work, no timers and no history of its own,
 * and is refused with INVALID_MESSAGE if it has.
 */
export function agentChart(machine: AnyStateMachine, where: string): AgentChart {
  const { idMap } = machine as unknown as { readonly idMap: ReadonlyMap<string, ChartNode> }
  const events = new Set<string>()
  for (const { id, type, invoke, after, config } of idMap.values()) {
    const has = invoke.length > 0 ? 'invokes an actor' : after.length > 0 ? 'has a timer' : null
    const fault = type === 'history' ? 'is a history state' : has
    if (fault) throw unfit(where, `the state '${id}' ${fault}`, 'a menu has states, guards and assignments only')
    for (const [event, edge] of Object.entries(config.on ?? {})) {
      if (/^(tool|handoff)\./.test(event)) events.add(event)
      // XState takes this for 'not here', though it reads like 'yes, and stay'.
      if (typeof edge !== 'object' || edge === null || Object.keys(edge).length > 0) continue
      throw unfit(where, `the state '${id}' has '${event}: {}'`, 'name the state it leads to: its own, to stay')
    }
  }
  // A state that was written down has to be found again by its value and its context.
  const resolve = ({ value, context, isDone }: AgentChartState): Resolved =>
    machine.resolveState({ value, context, status: isDone ? 'done' : 'active' } as never) as unknown as Resolved
  const stateOf = ({ value, context, status }: Resolved): AgentChartState => ({
    value,
    context,
    isDone: status !== 'active',
  })
  return {
    initial: stateOf(start(machine, where)),
    events: [...events],
    takes(state, event) {
      if (state.isDone) return false
      try {
        return resolve(state).can(event)
      } catch {
        // Deny by default: a guard that throws has not said yes.
        return false
      }
    },
    next(state, event) {
      if (state.isDone) return state
      try {
        return stateOf(getNextSnapshot(machine, resolve(state) as never, event as never) as unknown as Resolved)
      } catch {
        // Where it would be now nobody knows, so nothing may be called any more.
        return { ...state, isDone: true }
      }
    },
  }
}

function start(machine: AnyStateMachine, where: string): Resolved {
  try {
    return getInitialSnapshot(machine) as unknown as Resolved
  } catch (thrown) {
    throw unfit(where, `it does not start: ${errorValue(thrown).message}`, 'give it a context that needs no input')
  }
}

function unfit(where: string, what: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `the chart of an agent cannot be used: ${what}`, { where, hint })
}
