import type { AgentEntry, AgentScope } from '../machines/supervisor.contract.ts'
import { supervisorContract } from '../machines/supervisor.contract.ts'
import { supervisorMachine } from '../machines/supervisor.machine.ts'
import { type ActorDefinition, type ActorOptions, defineActor } from '../runtime/kernel/definition.ts'
import type { Contract } from '../runtime/protocol/contract.ts'
import { type Duration, milliseconds } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { type AgentInputScope, supervisorRunner } from './supervisor-runner.ts'
import type { Synthesis } from './answer-synthesis.ts'

/** An agent that a supervisor starts with. */
export interface AgentOptions<Actors> {
  readonly name: string
  /** Which of the supervisor's actors it is. */
  readonly actor: keyof Actors & string
  /** What it takes on. Default: everything. */
  readonly handles?: Readonly<{ kinds?: readonly string[]; keywords?: readonly string[] }>
  /** How many of it may be at work at once. Default 1. */
  readonly instances?: number
  /** How long it may take for an answer. Default: as long as it takes. */
  readonly timeout?: Duration
}

/** What `defineSupervisor` takes. */
export interface SupervisorOptions<Actors extends Readonly<Record<string, ActorDefinition>>>
  extends Synthesis,
    Partial<Pick<ActorOptions<Contract>, 'grants' | 'mailbox' | 'keepResult'>> {
  /** The actors there are, by the names under which agents are registered to them. */
  readonly actors: Actors
  readonly agents?: readonly AgentOptions<NoInfer<Actors>>[]
  /** How many agents may be at work at once. Default 10. */
  readonly concurrency?: number
  /** How many requests may wait, and how long. Default 100, 30 seconds; then the asker gets OVERLOADED. */
  readonly queue?: { readonly capacity?: number; readonly timeout?: Duration }
  /** The input of an agent's actor. Default: the request. */
  readonly input?: (scope: AgentInputScope) => unknown
}

/**
 * Defines a supervisor: it routes requests to agents, an actor for each request, gathers what they say and makes one answer
 * of it. Agents that fail or take too long are named in the answer; the others go on.
 *
 * @example
 * const desk = defineSupervisor('desk', {
 *   actors: { tax: taxAgent, law: lawAgent },
 *   agents: [{ name: 'tax', actor: 'tax', handles: { keywords: ['vat', 'duty'] }, instances: 4, timeout: '1m' }],
 * })
 * const { value } = await ref.ask({ type: 'supervisor.request', text: 'Is VAT due on this?' })
 */
export function defineSupervisor<const Actors extends Readonly<Record<string, ActorDefinition>>>(
  name: string,
  options: SupervisorOptions<Actors>,
): ActorDefinition<typeof supervisorContract> {
  const { actors, agents = [], concurrency = 10, queue = {}, input = ({ request }) => request } = options
  const { grants, mailbox, keepResult } = options
  const limits = { concurrency, capacity: queue.capacity ?? 100, patience: milliseconds(queue.timeout ?? '30s') }
  assertWhole(limits.concurrency, 1, `${name}.concurrency`)
  assertWhole(limits.capacity, 0, `${name}.queue.capacity`)
  const entries = agents.map((agent) => entryOf(name, actors, agent))
  assertNames(name, entries)
  const plan = { name, actors: Object.keys(actors), agents: entries, limits }
  const runner = supervisorRunner({ ...options, actors, input })
  return defineActor({
    type: name,
    contract: supervisorContract,
    logic: supervisorMachine(plan).provide({ actors: { runner } }),
    ...(grants === undefined ? {} : { grants }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(keepResult === undefined ? {} : { keepResult }),
  })
}

function entryOf<Actors extends object>(name: string, actors: Actors, agent: AgentOptions<Actors>): AgentEntry {
  const where = `${name}.${agent.name}`
  if (!Object.hasOwn(actors, agent.actor)) {
    const known = Object.keys(actors).join(', ') || 'none'
    throw fault(where, `the agent '${agent.name}' is an actor '${agent.actor}', which is not there`, `known: ${known}`)
  }
  assertWhole(agent.instances ?? 1, 1, `${where}.instances`)
  return {
    name: agent.name,
    actor: agent.actor,
    handles: (agent.handles ?? {}) as AgentScope,
    instances: agent.instances ?? 1,
    timeout: agent.timeout === undefined ? null : milliseconds(agent.timeout),
    busy: 0,
    answered: 0,
    failed: 0,
  }
}

function assertNames(name: string, entries: readonly AgentEntry[]): void {
  const seen = new Set<string>()
  for (const entry of entries) {
    if (seen.has(entry.name)) {
      throw fault(
        name,
        `'${name}' has two agents named '${entry.name}'`,
        'raise its instances, or name one differently',
      )
    }
    seen.add(entry.name)
  }
}

function assertWhole(value: number, least: number, where: string): void {
  if (Number.isInteger(value) && value >= least) return
  throw fault(where, `${where} is ${value}`, `give a whole number from ${least}`)
}

function fault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}
