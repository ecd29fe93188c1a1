import { route } from './agent-routing.ts'
import {
  countActive,
  countWaiting,
  type OpenRequest,
  type RequestPart,
  type SupervisorContext,
  type SupervisorLimits,
  type SupervisorOrder,
} from './supervisor-context.ts'
import type { AgentEntry, AgentRequest, SupervisorAnswer } from './supervisor.contract.ts'

/** What can happen to a supervisor, as pure changes of its memory. What is to be done about it stands in `orders`. */

type Change = SupervisorContext

/** What an agent came to. */
export type PartOutcome = Pick<RequestPart, 'value' | 'degraded' | 'reason'> & {
  readonly status: 'answered' | 'failed' | 'timed_out'
}

/** A request arrives: it is routed, and waits until its agents are free; or it is refused. */
export function take(
  context: SupervisorContext,
  limits: SupervisorLimits,
  request: AgentRequest,
  ask: string | undefined,
): Change {
  const unknown = request.to?.filter((name) => !context.agents.some((agent) => agent.name === name)) ?? []
  const agents = route(context.agents, request)
  if (unknown.length > 0 || agents.length === 0) {
    const what = unknown.length > 0 ? `there is no agent ${unknown.join(', ')}` : 'no agent takes this request on'
    const names = context.agents.map(({ name }) => name).join(', ') || 'none'
    return refuse(context, ask, `${what}; agents: ${names}`, unknown.length > 0 ? 'NOT_FOUND' : 'REJECTED')
  }
  const id = context.lastId + 1
  const parts = agents.map(({ name }): RequestPart => ({ agent: name, status: 'waiting' }))
  const taken: OpenRequest = { id, ask, request, parts, closing: false }
  const orders: SupervisorOrder[] = [{ do: 'announce', id, agents: parts.map(({ agent }) => agent) }]
  const started = start({ ...context, lastId: id, requests: [...context.requests, taken], orders }, limits)
  if (countWaiting(started) > limits.capacity) {
    return refuse(context, ask, `${limits.capacity} requests wait already`, 'OVERLOADED')
  }
  const mustWait = started.requests.some((other) => other.id === id && isWaiting(other))
  return mustWait ? { ...started, orders: [...started.orders, { do: 'wait', id }] } : started
}

/** An agent has ended with a request. */
export function settlePart(
  context: SupervisorContext,
  limits: SupervisorLimits,
  id: number,
  agent: string,
  outcome: PartOutcome,
): Change {
  const open = context.requests.find((request) => request.id === id)
  if (!open?.parts.some((part) => part.agent === agent && part.status === 'running')) return quiet(context)
  const parts = open.parts.map((part) => (part.agent === agent ? { agent, ...outcome } : part))
  const isLate = outcome.status === 'timed_out'
  const orders: SupervisorOrder[] = [{ do: isLate ? 'abort' : 'unlate', id, agent }]
  const agents = context.agents.map((entry) => (entry.name === agent ? tally(entry, outcome) : entry))
  return start(conclude({ ...context, agents, orders }, { ...open, parts }), limits)
}

/** A request has waited too long: the agents it still waits for are given up. */
export function expire(context: SupervisorContext, limits: SupervisorLimits, id: number): Change {
  const open = context.requests.find((request) => request.id === id)
  if (!open || !isWaiting(open)) return quiet(context)
  const reason = `it was not free within ${limits.patience} ms`
  if (open.parts.every(({ status }) => status === 'waiting')) {
    const requests = context.requests.filter((request) => request !== open)
    return refuse({ ...context, requests }, open.ask, `no agent was free within ${limits.patience} ms`, 'OVERLOADED')
  }
  const parts = open.parts.map(
    (part): RequestPart => (part.status === 'waiting' ? { agent: part.agent, status: 'overloaded', reason } : part),
  )
  return conclude(quiet(context), { ...open, parts })
}

/** Something was made of the answers to a request. */
export function answer(context: SupervisorContext, id: number, given: SupervisorAnswer): Change {
  const open = context.requests.find((request) => request.id === id)
  if (!open) return quiet(context)
  const requests = context.requests.filter((request) => request !== open)
  const orders: readonly SupervisorOrder[] = [{ do: 'reply', id, ask: open.ask, answer: given }]
  return { ...context, requests, answered: context.answered + 1, orders }
}

/** An agent is added, or takes the place of the one with its name. */
export function register(
  context: SupervisorContext,
  limits: SupervisorLimits,
  entry: Omit<AgentEntry, 'busy' | 'answered' | 'failed'>,
  ask: string | undefined,
): Change {
  const former = context.agents.find(({ name }) => name === entry.name)
  const { answered, failed } = former ?? { answered: 0, failed: 0 }
  const parts = context.requests.flatMap((open) => open.parts)
  const busy = parts.filter(({ agent, status }) => agent === entry.name && status === 'running').length
  const agent: AgentEntry = { ...entry, busy, answered, failed }
  const agents = former ? context.agents.map((other) => (other === former ? agent : other)) : [...context.agents, agent]
  return start({ ...context, agents, orders: [{ do: 'tell', ask, value: agent }] }, limits)
}

/** An agent is taken out. What it has begun it ends; what waits for it is told that it is gone. */
export function unregister(context: SupervisorContext, name: string, ask: string | undefined): Change {
  const agent = context.agents.find((entry) => entry.name === name)
  if (!agent) return refuse(context, ask, `there is no agent ${name}`, 'NOT_FOUND')
  const gone: RequestPart = { agent: name, status: 'failed', reason: 'it was taken out' }
  let change: Change = {
    ...context,
    agents: context.agents.filter((entry) => entry !== agent),
    orders: [{ do: 'tell', ask, value: agent }],
  }
  for (const open of context.requests) {
    if (!open.parts.some((part) => part.agent === name && part.status === 'waiting')) continue
    const parts = open.parts.map((part) => (part.agent === name && part.status === 'waiting' ? gone : part))
    change = conclude(change, { ...open, parts })
  }
  return change
}

// Who came first goes first; a request for a busy agent does not hold up those for others.
function start(context: Change, { concurrency }: SupervisorLimits): Change {
  let free = concurrency - countActive(context)
  if (free <= 0) return context
  const agents = new Map(context.agents.map((agent) => [agent.name, agent]))
  const orders = [...context.orders]
  const requests = context.requests.map((open) => {
    if (free <= 0 || !isWaiting(open)) return open
    const parts = open.parts.map((part): RequestPart => {
      const agent = agents.get(part.agent)
      if (part.status !== 'waiting' || free <= 0 || !agent || agent.busy >= agent.instances) return part
      free--
      agents.set(agent.name, { ...agent, busy: agent.busy + 1 })
      orders.push({ do: 'start', id: open.id, agent, request: open.request })
      return { ...part, status: 'running' }
    })
    const started = { ...open, parts }
    if (!isWaiting(started)) orders.push({ do: 'unwait', id: open.id })
    return started
  })
  return { ...context, agents: [...agents.values()], requests, orders }
}

function conclude(context: Change, open: OpenRequest): Change {
  const { id, request, parts } = open
  const isOver = parts.every(({ status }) => status !== 'waiting' && status !== 'running')
  const requests = context.requests.map((other) => (other.id === id ? { ...open, closing: isOver } : other))
  if (!isOver) return { ...context, requests }
  const orders: SupervisorOrder[] = [...context.orders, { do: 'unwait', id }, { do: 'synthesise', id, request, parts }]
  return { ...context, requests, orders }
}

function tally(agent: AgentEntry, { status }: PartOutcome): AgentEntry {
  const { busy, answered, failed } = agent
  const isAnswer = status === 'answered'
  return { ...agent, busy: busy - 1, answered: answered + (isAnswer ? 1 : 0), failed: failed + (isAnswer ? 0 : 1) }
}

function refuse(
  context: Change,
  ask: string | undefined,
  reason: string,
  code: 'REJECTED' | 'NOT_FOUND' | 'OVERLOADED',
): Change {
  return { ...context, refused: context.refused + 1, orders: [{ do: 'refuse', ask, reason, code }] }
}

function isWaiting({ parts }: OpenRequest): boolean {
  return parts.some(({ status }) => status === 'waiting')
}

function quiet(context: Change): Change {
  return context.orders.length === 0 ? context : { ...context, orders: [] }
}
