import { idempotencyContract } from '../machines/idempotency.contract.ts'
import { idempotencyMachine } from '../machines/idempotency.machine.ts'
import { defineActor } from '../runtime/kernel/definition.ts'

const keeper = { contract: idempotencyContract, logic: idempotencyMachine, mailbox: { capacity: 10_000 } } as const

/** The actor behind `createIdempotency`: what was done under a key, and what came of it. */
export const idempotencyKeeper = defineActor({ ...keeper, type: 'idempotency' })

/** The same, outliving its process as far as the runtime's journal does. */
export const durableIdempotencyKeeper = defineActor({
  ...keeper,
  type: 'durable-idempotency',
  durability: 'durable',
})
