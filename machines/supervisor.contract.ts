import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'

const name = z.string().min(1)

/** What an agent takes on, as data: requests of these kinds, or with these words; without either, all of them. */
export const agentScope = z.object({
  kinds: z.array(z.string()).optional(),
  keywords: z.array(z.string()).optional(),
})

/** A request to a supervisor. */
export const agentRequest = z.object({
  /** What sort of request it is, for agents that go by kind. */
  kind: z.string().optional(),
  /** What is asked, in words. */
  text: z.string().default(''),
  /** What else the agents need. */
  payload: z.unknown().optional(),
  /** Asks these agents, whatever they take on. */
  to: z.array(name).optional(),
  /** Whom to ask of those that take it on: the best one (default), all, or this many. */
  gather: z.union([z.enum(['one', 'all']), z.number().int().positive()]).default('one'),
})

/** What one agent said. */
export const agentAnswer = z.object({ agent: name, value: z.unknown(), degraded: z.string().nullable() })

/** Why an agent said nothing. */
export const agentFailure = z.object({
  agent: name,
  status: z.enum(['failed', 'timed_out', 'overloaded']),
  reason: z.string(),
})

/** What a supervisor answers with: what all of it comes to, and who said what. */
export const supervisorAnswer = z.object({
  /** `partial` when some agents said nothing, `failed` when none did, or when nothing could be made of it. */
  status: z.enum(['answered', 'partial', 'failed']),
  value: z.unknown(),
  reason: z.string().nullable(),
  answers: z.array(agentAnswer),
  /** The agents whose answer the value does not agree with. */
  dissent: z.array(name),
  failures: z.array(agentFailure),
})

/** An agent as the supervisor knows it. */
export const agentEntry = z.object({
  name,
  /** Which of the supervisor's actors it is. */
  actor: name,
  handles: agentScope,
  /** How many of it may be at work at once. */
  instances: z.number().int().positive(),
  /** Milliseconds for an answer; null for as long as it takes. */
  timeout: z.number().positive().nullable(),
  busy: z.number().int(),
  answered: z.number().int(),
  failed: z.number().int(),
})

/** The contract of every supervisor. */
export const supervisorContract = defineContract({
  input: z.object({}).optional(),
  messages: {
    'supervisor.request': { fields: agentRequest, reply: supervisorAnswer },
    'supervisor.register': {
      fields: z.object({
        name,
        actor: name,
        handles: agentScope.default({}),
        instances: z.number().int().positive().default(1),
        timeout: z.number().positive().nullable().default(null),
      }),
      reply: agentEntry,
      requires: 'supervisor.manage',
    },
    'supervisor.unregister': { fields: z.object({ name }), reply: agentEntry, requires: 'supervisor.manage' },
    'supervisor.list': { reply: z.array(agentEntry) },
    'supervisor.status': {
      reply: z.object({
        waiting: z.number().int(),
        active: z.number().int(),
        answered: z.number().int(),
        refused: z.number().int(),
        agents: z.array(agentEntry),
      }),
    },
  },
  emits: {
    'supervisor.routed': z.object({ id: z.number().int(), agents: z.array(name) }),
    'supervisor.answered': z.object({ id: z.number().int(), status: supervisorAnswer.shape.status }),
    'supervisor.refused': z.object({ reason: z.string() }),
  },
})

/** What an agent takes on. */
export type AgentScope = z.output<typeof agentScope>
/** A request to a supervisor. */
export type AgentRequest = z.output<typeof agentRequest>
/** What one agent said. */
export type AgentAnswer = z.output<typeof agentAnswer>
/** Why an agent said nothing. */
export type AgentFailure = z.output<typeof agentFailure>
/** What a supervisor answers with. */
export type SupervisorAnswer = z.output<typeof supervisorAnswer>
/** An agent as the supervisor knows it. */
export type AgentEntry = z.output<typeof agentEntry>
