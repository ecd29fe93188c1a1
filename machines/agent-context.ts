import type { InputOf, MessageEvent } from '../runtime/protocol/contract.ts'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import type { AgentChart, AgentChartState } from './agent-chart.ts'
import type { AgentCall, agentContract, AgentPrompt, AgentQuestion, AgentResult } from './agent.contract.ts'
import type { Conversation } from './agent-conversation.ts'
import type { WantedTool } from './model-chunk.ts'
import { type ModelUsage, NO_USAGE } from './model-usage.ts'
import { usdOf } from './nano-usd.ts'

/** What bounds an agent; times in milliseconds. */
export interface AgentLimits {
  /** Turns of the model in one run. */
  readonly steps: number
  /** Tool calls in flight. */
  readonly parallel: number
  /** Tool calls that one turn may want; those beyond are refused. */
  readonly callsPerTurn: number
  /** How often a call may be wanted with the same input before the run is ended; null for as often as it likes. */
  readonly repeats: number | null
  readonly timeout: number
  /** How long a question stays open. */
  readonly patience: number
  /** Tokens of conversation that are kept. */
  readonly window: number
  /** Characters of one tool's result that the model gets. */
  readonly result: number
}

/** What an agent is made of, as far as its chart must know it. */
export interface AgentPlan {
  readonly name: string
  /** The tools there are, by the names that models know. */
  readonly tools: readonly string[]
  /** Those of them that it may use. */
  readonly allowed: readonly string[]
  /** The names of the agents that it may hand over to. */
  readonly handoffs: readonly string[]
  readonly asksHuman: boolean
  readonly limits: AgentLimits
  readonly chart: AgentChart | null
}

/** A tool call of the turn under way. */
export interface OpenCall {
  readonly id: string
  readonly tool: string
  /** As the model wrote it, if that was JSON; otherwise its text. */
  readonly input: unknown
  /** As canonical JSON; the text itself if it is none. */
  readonly canonical: string
  readonly isJson: boolean
  readonly status: 'waiting' | 'running' | 'asking' | AgentCall['status']
  /** The open question, while it is asking. */
  readonly question: AgentQuestion | null
  /** True once it was begun, or was told to be a repetition. */
  readonly counts: boolean
  /** What the model is told of it. */
  readonly output: unknown
  readonly code: string | null
}

/** Why a run ends before the model has answered. */
export interface AgentVerdict {
  readonly error: ErrorValue
  /** A bound was reached: what is there by then is worth something. */
  readonly isLimit: boolean
}

/** Who waits for the end of a run. */
export interface AgentListener {
  readonly ask: string
  readonly streams: boolean
}

/** A run that has ended, or waits: its name, and what stands for its prompt. */
export interface NamedRun {
  readonly run: string
  readonly print: string
}

/** A run that waits for its turn. */
export interface WaitingRun extends NamedRun {
  readonly prompt: AgentPrompt
  /** Null for as long as the agent allows. */
  readonly timeout: number | null
  readonly listeners: readonly AgentListener[]
}

/** A run under way. */
export interface AgentRun {
  readonly id: string
  /** What stands for its prompt. */
  readonly print: string
  readonly timeout: number
  readonly listeners: readonly AgentListener[]
  /** The turn of the model, from 1. */
  readonly step: number
  /** What the model wants in this turn; empty while it thinks. */
  readonly calls: readonly OpenCall[]
  /** What is over, of all turns. */
  readonly ended: readonly (AgentCall & { readonly counts: boolean })[]
  /** Makes the names of questions, so that nobody can guess them. */
  readonly nonce: string
  readonly text: string
  readonly output: unknown
  /** The model has answered. */
  readonly answered: boolean
  readonly verdict: AgentVerdict | null
  /** True once what is under way is being taken back. */
  readonly stopping: boolean
  readonly usage: ModelUsage
  readonly costNanoUsd: number
  readonly attempts: number
  readonly models: readonly string[]
  readonly degradations: readonly string[]
  /** Why the answer is not whole; null when it is. */
  readonly shortfall: string | null
  readonly seq: number
}

/** What the chart has to do about a change, as data. */
export type AgentOrder =
  | { readonly do: 'think' | 'abort' }
  /** `again` when it was begun in a process that is gone. */
  | { readonly do: 'call'; readonly at: number; readonly again: boolean }
  | { readonly do: 'say'; readonly event: MessageEvent }
  | { readonly do: 'expect'; readonly question: string }
  | { readonly do: 'forget'; readonly question: string }
  | { readonly do: 'answer'; readonly ask: string; readonly value: unknown }
  | { readonly do: 'refuse'; readonly ask: string; readonly reason: string; readonly code: ErrorCode }
  | { readonly do: 'finish'; readonly run: string }

/** The memory of an agent, as JSON. */
export interface AgentContext {
  readonly input: InputOf<typeof agentContract>
  readonly conversation: Conversation
  /** Where the author's chart is; null without one. */
  readonly chart: AgentChartState | null
  /** Tools for which it has no grants, as its hands have found. */
  readonly forbidden: readonly string[]
  readonly run: AgentRun | null
  /** What the last run came to. */
  readonly last: AgentResult | null
  /** The runs that have ended, the newest last: a name is not run twice. */
  readonly ran: readonly NamedRun[]
  /** The runs that wait for the one under way, in their order. */
  readonly waiting: readonly WaitingRun[]
  readonly orders: readonly AgentOrder[]
}

/** What one turn of the model came to, as the runner tells it. */
export interface TurnOutcome {
  readonly run: string
  readonly step: number
  readonly text: string
  readonly output: unknown
  readonly wanted: readonly WantedTool[]
  /** True when the answer was cut at its length. */
  readonly isCut: boolean
  readonly model: string | null
  readonly usage: ModelUsage
  readonly costNanoUsd: number
  readonly attempts: number
  readonly degradations: readonly string[]
  readonly forbidden: readonly string[]
  readonly nonce: string
  readonly error: ErrorValue | null
}

/** What one tool call came to, as the runner tells it. */
export interface DeedOutcome {
  readonly run: string
  readonly step: number
  readonly at: number
  readonly output: unknown
  /** The code of its error; null when it succeeded. */
  readonly code: string | null
  /** What another agent spent on it; null for a tool. */
  readonly spent: Pick<AgentRun, 'usage' | 'costNanoUsd' | 'attempts'> | null
}

/** The memory of an agent that has not been asked yet. */
export function initialAgent({ chart }: AgentPlan, input: InputOf<typeof agentContract>): AgentContext {
  const conversation = { messages: [], dropped: 0 }
  const none = { forbidden: [], run: null, last: null, ran: [], waiting: [], orders: [] }
  return { input, conversation, chart: chart?.initial ?? null, ...none }
}

/** A run that begins. */
export function initialRun(facts: Pick<AgentRun, 'id' | 'print' | 'timeout' | 'listeners'>): AgentRun {
  return {
    ...facts,
    step: 1,
    calls: [],
    ended: [],
    nonce: '',
    text: '',
    output: null,
    answered: false,
    verdict: null,
    stopping: false,
    usage: NO_USAGE,
    costNanoUsd: 0,
    attempts: 0,
    models: [],
    degradations: [],
    shortfall: null,
    seq: 0,
  }
}

/** What a run came to. A bound that was reached leaves what is there, if there is something. */
export function resultOfRun(run: AgentRun): AgentResult {
  const { id, text, output, step, ended, usage, costNanoUsd, attempts, models, degradations, verdict } = run
  const error = verdict?.error ?? null
  return {
    run: id,
    status: statusOf(run),
    text,
    output,
    steps: step,
    toolCalls: ended.map(callOf),
    usage,
    costNanoUsd,
    costUsd: usdOf(costNanoUsd),
    attempts,
    models,
    degradations,
    reason: error?.message ?? run.shortfall ?? degradations[0] ?? null,
    error,
  }
}

function callOf({ step, id, tool, input, status, code, message }: AgentCall): AgentCall {
  return { step, id, tool, input, status, code, message }
}

function statusOf({ verdict, text, ended, degradations, shortfall }: AgentRun): AgentResult['status'] {
  if (!verdict) return shortfall !== null ? 'partial' : degradations.length > 0 ? 'degraded' : 'succeeded'
  if (verdict.error.code === 'CANCELLED') return 'cancelled'
  const hasSomething = text !== '' || ended.some(({ status }) => status === 'succeeded')
  return verdict.isLimit && hasSomething ? 'partial' : 'failed'
}
