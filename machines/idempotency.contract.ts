import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'

const key = z.string().min(1)
const run = z.string().min(1)
/** Now, by the clock of who tells it: values are forgotten by it. Who does not say it has them forgotten by timers. */
const at = z.number().optional()
const span = z.number().positive()

/** How a claim to a key is answered. */
export const idempotencyClaim = z.discriminatedUnion('status', [
  /** It is the claimant's to do, and to tell what came of it. */
  z.object({ status: z.literal('claimed') }),
  /** It was done: this is what came of it. */
  z.object({ status: z.literal('kept'), value: z.unknown() }),
  /** Another is doing it; that ends with an event. */
  z.object({ status: z.literal('running') }),
])

/** The contract of an idempotency keeper. */
export const idempotencyContract = defineContract({
  messages: {
    'idempotency.claim': {
      fields: z.object({
        key,
        /** What stands for the payload. */
        hash: z.string().min(1),
        /** The name of this execution. */
        run,
        /** The actor whose end frees the key. */
        holder: z.string().nullable(),
        /** Milliseconds without a word after which the execution is taken for dead. */
        lease: span,
        /** How many keys are kept. */
        capacity: z.number().int().positive(),
        at,
      }),
      reply: idempotencyClaim,
    },
    /** It is still being done. */
    'idempotency.renew': { fields: z.object({ key, run, lease: span }) },
    /** It was done. The reply says whether that is what is kept. */
    'idempotency.keep': {
      fields: z.object({ key, run, value: z.unknown().optional(), ttl: span, at }),
      reply: z.object({ kept: z.boolean() }),
    },
    /** It failed, which is not kept: who waited hears of it, who comes next does it anew. */
    'idempotency.fail': { fields: z.object({ key, run, error: z.unknown() }), reply: z.object({ freed: z.boolean() }) },
    'idempotency.status': {
      fields: z.object({ at }),
      reply: z.object({ kept: z.number().int(), running: z.number().int() }),
    },
  },
  emits: {
    'idempotency.kept': z.object({ key, run }),
    /** It failed with an error, or nobody does it any more: then the error is null. */
    'idempotency.freed': z.object({ key, run, error: z.unknown() }),
  },
})

/** How a claim to a key is answered. */
export type IdempotencyClaim = z.output<typeof idempotencyClaim>
