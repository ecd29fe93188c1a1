import { limiterContract } from '../machines/limiter.contract.ts'
import { limiterMachine } from '../machines/limiter.machine.ts'
import { defineActor } from '../runtime/kernel/definition.ts'

/** The actor behind `createLimiter`: requests and tokens a minute and how many at once, first come first served. */
export const limiter = defineActor({
  type: 'limiter',
  contract: limiterContract,
  logic: limiterMachine,
  mailbox: { capacity: 10_000 },
})
