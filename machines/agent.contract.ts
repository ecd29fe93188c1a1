import { z } from 'zod'
import type { Address } from '../runtime/protocol/address.ts'
import { defineContract } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import { modelMessage } from './model-request.ts'
import { modelUsage } from './model-usage.ts'

const name = z.string().min(1)
const count = z.number().int().nonnegative()

/** What is asked of an agent: a text, or messages that end with what is asked. */
export const agentPrompt = z.union([name, z.array(modelMessage).min(1).readonly()])

/** How a tool call that the model wanted has ended. */
const agentCallStatus = z.enum(['succeeded', 'failed', 'refused', 'cancelled'])

const ended = {
  status: agentCallStatus,
  /** The code of its error; null when it succeeded. */
  code: z.string().nullable(),
  /** The beginning of what its error says; null when it succeeded. */
  message: z.string().nullable(),
}

/** A tool call that the model wanted, as it ended. */
export const agentCall = z.object({
  /** The turn of the model that wanted it, from 1. */
  step: count,
  id: name,
  tool: z.string(),
  /** As canonical JSON. */
  input: z.string(),
  ...ended,
})

/** What a run came to, however it ended. */
export const agentResult = z.object({
  run: name,
  status: z.enum(['succeeded', 'partial', 'degraded', 'failed', 'cancelled']),
  /** What the model said last. */
  text: z.string(),
  /** The answer as the agent's schema makes it; null without one. */
  output: z.unknown(),
  /** Turns of the model. */
  steps: count,
  toolCalls: z.array(agentCall).readonly(),
  /** Of all turns together. */
  usage: modelUsage,
  costNanoUsd: count,
  costUsd: z.number(),
  /** Attempts at model calls, all turns together. */
  attempts: count,
  /** The models that answered, each once. */
  models: z.array(z.string()).readonly(),
  /** What was given up. */
  degradations: z.array(z.string()).readonly(),
  /** Why it is not a success; null when it is. */
  reason: z.string().nullable(),
  error: z.custom<ErrorValue>().nullable(),
})

/** A question to a human, open until it is answered or late. */
export const agentQuestion = z.object({
  id: name,
  text: z.string(),
  /** Answers to choose from; null when any will do. */
  options: z.array(z.string()).nullable(),
})

/** A piece of a run as it reaches who streams it. */
export const agentChunk = z.discriminatedUnion('type', [
  /** With `restarted`, why the text of this turn so far does not hold. */
  z.object({ type: z.enum(['text', 'reasoning', 'restarted']), text: z.string() }),
  z.object({ type: z.literal('called'), step: count, id: name, tool: z.string(), input: z.string() }),
  z.object({ type: z.literal('returned'), step: count, id: name, tool: z.string(), ...ended }),
  /** A human is asked, as `agent.asked` says it. */
  z.object({ type: z.literal('asked'), question: agentQuestion }),
])

const seen = { run: name, seq: count }
const called = { ...seen, step: count, id: name, tool: z.string() }

/** The contract of every agent: a session that runs one prompt after another. */
export const agentContract = defineContract({
  input: z.object({
    /** What the instructions are made of. */
    data: z.unknown().optional(),
    /** With a prompt the agent runs it at once, and ends with what it came to. */
    prompt: agentPrompt.optional(),
    /** Where its runs are paid from; null when they are not. */
    budget: z
      .object({ keeper: z.custom<Address>((given) => typeof given === 'string'), path: z.string() })
      .nullable()
      .default(null),
  }),
  output: agentResult,
  messages: {
    /**
     * Runs a prompt, after those that were asked for before: 16 may wait, then OVERLOADED. The same run again joins it, or
     * gets what it came to while it is the last one; with another prompt it is refused with CONFLICT.
     */
    'agent.run': {
      fields: z.object({
        run: name,
        prompt: agentPrompt,
        /** Milliseconds for all of it from its beginning, below what the agent allows. */
        timeout: z.number().positive().optional(),
        /** Whether who asks wants the pieces. */
        stream: z.boolean().default(false),
      }),
      reply: agentResult,
      chunk: agentChunk,
      requires: 'agent.run',
    },
    /** Answers a question by its id. */
    'agent.answer': {
      fields: z.object({ question: name, text: z.string() }),
      reply: z.object({ run: name }),
      requires: 'agent.answer',
    },
    /** Ends a run, with all that is under way for it, or takes back one that waits. Without a name, the one under way. */
    'agent.cancel': {
      fields: z.object({ run: name.optional(), reason: z.string().default('the run was cancelled') }),
      requires: 'agent.run',
    },
    'agent.status': {
      reply: z.object({
        run: name.nullable(),
        steps: count,
        /** Runs that wait for it. */
        waiting: count,
        questions: z.array(agentQuestion),
        /** What the model may call now. */
        menu: z.array(z.string()),
        /** Messages of the conversation that are kept, and that were let go. */
        kept: count,
        dropped: count,
      }),
      requires: 'agent.run',
    },
  },
  emits: {
    'agent.started': z.object(seen),
    'agent.thought': z.object({ ...seen, step: count, model: z.string().nullable(), calls: count }),
    'agent.called': z.object(called),
    'agent.returned': z.object({ ...called, ...ended }),
    /** A call that was not made, and why: what the model tried beyond its menu stands here. */
    'agent.refused': z.object({ ...called, code: z.string(), reason: z.string() }),
    'agent.asked': z.object({ ...seen, question: agentQuestion }),
    'agent.ended': z.object({ ...seen, status: agentResult.shape.status, reason: z.string().nullable() }),
  },
})

/** What is asked of an agent. */
export type AgentPrompt = z.output<typeof agentPrompt>
/** A tool call that the model wanted, as it ended. */
export type AgentCall = z.output<typeof agentCall>
/** What a run came to. */
export type AgentResult = z.output<typeof agentResult>
/** A question to a human. */
export type AgentQuestion = z.output<typeof agentQuestion>
/** A piece of a run. */
export type AgentChunk = z.output<typeof agentChunk>
