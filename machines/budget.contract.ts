import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'
import { budgetAmount } from './budget-amount.ts'

const call = z.string().min(1)
const path = z.string().min(1)
const seq = z.number().int()
const sum = z.object({ tokens: z.number(), nanoUsd: z.number(), ms: z.number() })
const bounds = z.object({ tokens: z.number().nullable(), nanoUsd: z.number().nullable(), ms: z.number().nullable() })
const costUsd = z.number()

/** One node of a budget and what is below it, as plain data. Money stands there in nano-USD and in dollars. */
export const budgetView = z.object({
  path: z.string(),
  /** Null where nothing limits it. */
  limit: bounds.extend({ costUsd: costUsd.nullable() }),
  settled: sum.extend({ costUsd }),
  /** What is set aside for calls that have not ended. */
  held: sum.extend({ costUsd }),
  /** What was used beyond the limit: it cannot be undone, and counts against what is reserved later. */
  overrun: sum.extend({ costUsd }),
  /** What can still be reserved here: what this node and all above it have left. Null where nothing limits it. */
  left: bounds.extend({ costUsd: costUsd.nullable() }),
  /** Calls at and below the node. */
  calls: z.object({ held: z.number().int(), settled: z.number().int() }),
  get children() {
    return z.array(budgetView)
  },
})

/** Why a reservation was refused: the first node and dimension, from the leaf up, that does not cover it. */
export const budgetRefusal = z.object({
  node: z.string(),
  dimension: z.enum(['tokens', 'nanoUsd', 'ms']),
  limit: z.number(),
  /** Settled, overruns included. */
  spent: z.number(),
  held: z.number(),
  asked: z.number(),
})

/** What became of a reservation. `settled`: an earlier attempt has paid for the call already. */
const budgetReservation = z.discriminatedUnion('status', [
  z.object({ status: z.literal('held') }),
  z.object({ status: z.literal('settled'), actual: sum }),
  z.object({ status: z.literal('refused'), refusal: budgetRefusal }),
])

/** What a call came to. */
export const budgetSettlement = z.object({
  actual: sum,
  /** The largest part of it that went beyond the limit of a node. */
  overrun: sum,
  /** True when its hold had been given back before. */
  late: z.boolean(),
})

/** The contract of a budget keeper: one actor holds the whole tree of a budget. */
export const budgetContract = defineContract({
  input: z.object({ path, limit: budgetAmount.optional() }),
  output: budgetView,
  messages: {
    /** Opens a node, or finds it; without a limit it takes whatever limit the node has. */
    'budget.open': { fields: z.object({ path, limit: budgetAmount.optional() }), reply: budgetView },
    'budget.reserve': {
      fields: z.object({
        call,
        path,
        amount: budgetAmount,
        /** The actor whose end gives the hold back. */
        holder: z.string().optional(),
        /** Milliseconds after which the hold is given back. */
        ttl: z.number().positive(),
      }),
      reply: budgetReservation,
    },
    'budget.settle': { fields: z.object({ call, actual: budgetAmount }), reply: budgetSettlement },
    /** `unknown` when nothing is remembered of the call. */
    'budget.release': {
      fields: z.object({ call }),
      reply: z.object({ status: z.enum(['released', 'reclaimed', 'settled', 'unknown']) }),
    },
    /** Folds a node and all below it into its parent. Closing the root ends the keeper. */
    'budget.close': { fields: z.object({ path }), reply: budgetView },
    /** Raises a limit, once for each `call`. */
    'budget.topUp': {
      fields: z.object({ call, path, add: budgetAmount }),
      reply: budgetView,
      requires: 'budget.topUp',
    },
    /** Without a path: the whole tree. */
    'budget.view': { fields: z.object({ path: path.optional() }), reply: budgetView },
  },
  emits: {
    'budget.opened': z.object({ seq, path, limit: bounds }),
    'budget.reserved': z.object({ seq, call, path, amount: sum }),
    'budget.refused': budgetRefusal.extend({ seq, call }),
    'budget.settled': budgetSettlement.extend({ seq, call, path }),
    'budget.released': z.object({ seq, call, path, amount: sum }),
    'budget.reclaimed': z.object({ seq, call, path, amount: sum, reason: z.enum(['expired', 'holder']) }),
    'budget.toppedUp': z.object({ seq, path, add: sum, limit: bounds }),
    'budget.closed': z.object({ seq, path, settled: sum, overrun: sum }),
    /** A call used a fifth more or less than was reserved, went beyond a limit, or was open when its node was closed. */
    'budget.warned': z.object({
      seq,
      call,
      path,
      reason: z.enum(['deviation', 'overrun', 'closed']),
      reserved: sum,
      actual: sum,
    }),
  },
})

/** One node of a budget and what is below it. */
export type BudgetView = z.output<typeof budgetView>
/** Why a reservation was refused. */
export type BudgetRefusal = z.output<typeof budgetRefusal>
/** What a call came to. */
export type BudgetSettlement = z.output<typeof budgetSettlement>
