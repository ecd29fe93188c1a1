import { z } from 'zod'
import { defineActor, defineContract } from '../../../runtime/index.ts'
import { circuitMachine } from '../workload/circuit.machine.ts'
import { smallMachine } from '../workload/small.machine.ts'

/** The small machine as a Troupe actor. */
export const small = defineActor({
  type: 'small',
  contract: defineContract({ messages: { 'small.next': {}, 'small.reset': {} } }),
  logic: smallMachine,
  mailbox: { capacity: 100_000 },
})

/** The breaker as a Troupe actor. */
export const circuit = defineActor({
  type: 'circuit',
  contract: defineContract({
    messages: { 'circuit.succeed': {}, 'circuit.fail': {}, 'circuit.probe': {} },
    output: z.undefined(),
  }),
  logic: circuitMachine,
  mailbox: { capacity: 100_000 },
})
