import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { AgentEntry, AgentFailure, AgentRequest, SupervisorAnswer } from './supervisor.contract.ts'

/** What one agent makes of one request. */
export interface RequestPart {
  readonly agent: string
  readonly status: 'waiting' | 'running' | 'answered' | AgentFailure['status']
  readonly value?: unknown
  readonly degraded?: string | null
  readonly reason?: string
}

/** A request that has not been answered. */
export interface OpenRequest {
  readonly id: number
  /** The ask to answer. */
  readonly ask: string | undefined
  readonly request: AgentRequest
  readonly parts: readonly RequestPart[]
  /** Set while something is made of the answers. */
  readonly closing: boolean
}

/** What a supervisor has to do after a transition: data, which the chart turns into effects. */
export type SupervisorOrder =
  | { readonly do: 'start'; readonly id: number; readonly agent: AgentEntry; readonly request: AgentRequest }
  | { readonly do: 'abort'; readonly id: number; readonly agent: string }
  | { readonly do: 'wait'; readonly id: number }
  | { readonly do: 'unwait'; readonly id: number }
  | { readonly do: 'unlate'; readonly id: number; readonly agent: string }
  | {
      readonly do: 'synthesise'
      readonly id: number
      readonly request: AgentRequest
      readonly parts: readonly RequestPart[]
    }
  | { readonly do: 'reply'; readonly id: number; readonly ask: string | undefined; readonly answer: SupervisorAnswer }
  | { readonly do: 'tell'; readonly ask: string | undefined; readonly value: unknown }
  | { readonly do: 'refuse'; readonly ask: string | undefined; readonly reason: string; readonly code: ErrorCode }
  | { readonly do: 'announce'; readonly id: number; readonly agents: readonly string[] }

/** How much a supervisor takes on. */
export interface SupervisorLimits {
  /** How many agents may be at work at once, of all kinds. */
  readonly concurrency: number
  /** How many requests may wait for an agent. */
  readonly capacity: number
  /** Milliseconds a request may wait for its agents. */
  readonly patience: number
}

/** The memory of a supervisor, as JSON. */
export interface SupervisorContext {
  readonly agents: readonly AgentEntry[]
  /** Oldest first. */
  readonly requests: readonly OpenRequest[]
  readonly lastId: number
  readonly answered: number
  readonly refused: number
  /** What the last transition asks for. */
  readonly orders: readonly SupervisorOrder[]
}

/** How many requests wait for at least one agent. */
export function countWaiting({ requests }: SupervisorContext): number {
  return requests.filter(({ parts }) => parts.some(({ status }) => status === 'waiting')).length
}

/** How many agents are at work. */
export function countActive({ requests }: SupervisorContext): number {
  return requests.reduce((sum, { parts }) => sum + parts.filter(({ status }) => status === 'running').length, 0)
}
