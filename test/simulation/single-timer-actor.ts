import { assign, setup } from 'xstate'
import { z } from 'zod'
import { type ActorDefinition, type ContractTypes, defineActor, defineContract } from 'troupe'

const alarmContract = defineContract({
  messages: { 'alarm.set': { fields: z.object({ after: z.number() }) }, 'alarm.cancel': {} },
})

const alarmMachine = setup({
  types: {} as ContractTypes<typeof alarmContract> & { context: { after: number; rung: number } },
  actions: {
    remember: assign({ after: ({ event }) => (event as { after: number }).after }),
    ring: assign({ rung: ({ context }) => context.rung + 1 }),
  },
  delays: { wait: ({ context }) => context.after },
}).createMachine({
  id: 'alarm',
  context: { after: 0, rung: 0 },
  initial: 'idle',
  states: {
    idle: { on: { 'alarm.set': { target: 'waiting', actions: 'remember' } } },
    waiting: { after: { wait: { target: 'rung', actions: 'ring' } }, on: { 'alarm.cancel': 'idle' } },
    rung: {},
  },
})

/** An actor with one timer, which it counts each time it fires. A durable one leaves memory whenever it can. */
export function alarmActor(durability: 'durable' | 'ephemeral'): ActorDefinition<typeof alarmContract> {
  return defineActor({ type: 'alarm', contract: alarmContract, logic: alarmMachine, durability, restAfter: '1s' })
}
