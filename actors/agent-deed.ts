import type { AgentContext, AgentRun, DeedOutcome, OpenCall } from '../machines/agent-context.ts'
import type { AgentResult } from '../machines/agent.contract.ts'
import { HANDOFF, textIn } from '../machines/agent-menu.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import { errorValue, TroupeError } from '../runtime/protocol/errors.ts'
import { type Agent, type AgentParts, agentParts } from './agent-parts.ts'
import type { Budget } from './budget-client.ts'
import type { CallGates } from './model-call-gates.ts'
import type { ToolsClient } from './tools-client.ts'

/** What a tool call or a hand-off is made with. */
export interface DeedTools {
  readonly parts: AgentParts
  readonly hands: Hands
  readonly client: ToolsClient
  readonly signal: AbortSignal
  /** What stands before the model calls of the agent. */
  readonly gates: CallGates
  /** Names the call: what was begun under it is found again. */
  readonly name: string
  /** What is done under it twice is to be done once. */
  readonly idempotencyKey: string
  budget(): Promise<Budget> | null
}

type Done = Pick<DeedOutcome, 'output' | 'code' | 'spent'>

const FOR_LONG = '365d'

/** Makes a call, and tells what came of it. Never rejects. `again` when its process ended while it was under way. */
export async function act(tools: DeedTools, context: AgentContext, at: number, again: boolean): Promise<DeedOutcome> {
  const { id: run, step, calls } = context.run as AgentRun
  const call = calls[at] as OpenCall
  const place = { run, step, at }
  try {
    const isHandoff = call.tool.startsWith(HANDOFF)
    return { ...place, ...(await (isHandoff ? handOver(tools, call, again) : callTool(tools, call, context, again))) }
  } catch (thrown) {
    const { code, message } = errorValue(thrown, 'TOOL_FAILED')
    return { ...place, output: message, code, spent: null }
  }
}

async function callTool(
  { parts, client, signal, name, idempotencyKey }: DeedTools,
  { tool, input }: OpenCall,
  { run }: AgentContext,
  again: boolean,
): Promise<Done> {
  const { actor } = parts.tools
  if (again && actor.policies.durability === 'ephemeral' && !parts.tools.get(tool).idempotent) throw interrupted(tool)
  const request = { call: name, idempotencyKey, traceId: run?.id ?? name, requestId: name, signal }
  const { error, value } = await client.attempt([{ tool }], input, request)
  if (!error) return { output: value, code: null, spent: null }
  const { code, message } = error
  return { output: message, code, spent: null }
}

async function handOver(
  { parts, hands, signal, gates, name, ...tools }: DeedTools,
  call: OpenCall,
  again: boolean,
): Promise<Done> {
  const agent = parts.handoffs[call.tool.slice(HANDOFF.length)] as Agent
  if (again && agent.policies.durability === 'ephemeral') throw interrupted(call.tool)
  const budget = await tools.budget()
  const input = { prompt: textIn(call.input, 'request') ?? '', budget: budget?.place ?? null }
  const other = agentParts(agent)
  const takeBack = other.models === parts.models ? other.gates.lend(hands.clock, name, gates) : () => {}
  const ref = await hands.spawn(agent, { key: name, input }).finally(takeBack)
  try {
    return doneBy(await ref.result({ timeout: FOR_LONG, signal }))
  } catch (error) {
    // Nobody is left who wants it; its own calls end with it.
    if (signal.aborted) await ref.stop().catch(() => {})
    throw error
  }
}

function doneBy({ status, text, output, reason, error, usage, costNanoUsd, attempts }: AgentResult): Done {
  const spent = { usage, costNanoUsd, attempts }
  if (status === 'failed' || status === 'cancelled') {
    return { output: reason ?? status, code: error?.code ?? 'TOOL_FAILED', spent }
  }
  const answer = output ?? text
  return { output: status === 'succeeded' ? answer : { answer, status, reason }, code: null, spent }
}

function interrupted(tool: string): TroupeError {
  return new TroupeError('INTERRUPTED', `the process ended while '${tool}' was at work: whether it was done is unknown`)
}
