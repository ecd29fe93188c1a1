import { assign, raise, setup } from 'xstate'
import { z } from 'zod'
import { type ContractTypes, defineActor, defineContract } from '../../../runtime/index.ts'

const alarmOf = z.object({ id: z.string(), delay: z.number(), earliest: z.number() })
const contract = defineContract({ messages: { 'alarm.set': { fields: alarmOf } } })

/** The alarms that were set, and those that went off. */
export interface Alarms {
  readonly set: readonly { readonly id: string; readonly earliest: number }[]
  readonly rang: readonly string[]
}

const machine = setup({
  types: {} as ContractTypes<typeof contract> & { context: Alarms },
  actions: {
    noteSet: assign({
      set: ({ context, event }) => [...context.set, { id: event.id, earliest: event.earliest }],
    }),
    wind: raise(({ event: { id } }) => ({ type: `rang.${id}`, id }) as never, { delay: ({ event }) => event.delay }),
    noteRang: assign({ rang: ({ context, event }) => [...context.rang, event.id] }),
  },
}).createMachine({
  id: 'alarm',
  context: { set: [], rang: [] },
  on: {
    'alarm.set': { actions: ['noteSet', 'wind'] },
    'rang.*': { actions: 'noteRang' },
  } as object,
})

/** A durable actor with a timer for each message. The event of a timer names it: an observer can tell them apart. */
export const alarm = defineActor({ type: 'alarm', contract, logic: machine, durability: 'durable' })
