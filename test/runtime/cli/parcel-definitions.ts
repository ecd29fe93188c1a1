import { assign, fromPromise, setup } from 'xstate'
import { z } from 'zod'
import { type ActorDefinition, type ContractTypes, defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({
  messages: {
    'parcel.weigh': { fields: z.object({ grams: z.number() }) },
    'parcel.send': {},
  },
})

/** A parcel that is weighed as it is told, then on its way for a day. */
export function parcelActor(weigh: (grams: number) => number): ActorDefinition<typeof contract> {
  const logic = setup({
    types: {} as ContractTypes<typeof contract> & { context: { grams: number } },
    actors: { carry: fromPromise(() => new Promise<never>(() => {})) },
    actions: {
      weigh: assign({ grams: ({ event }) => weigh('grams' in event ? (event.grams as number) : 0) }),
    },
  }).createMachine({
    id: 'parcel',
    context: { grams: 0 },
    initial: 'waiting',
    states: {
      waiting: { on: { 'parcel.weigh': { actions: 'weigh' }, 'parcel.send': 'travelling' } },
      travelling: { invoke: { id: 'carry', src: 'carry' }, after: { 86_400_000: 'arrived' } },
      arrived: {},
    },
  })
  return defineActor({ type: 'parcel', contract, logic, durability: 'durable', idempotent: ['carry'] })
}

/** A parcel that takes any weight. @public */
export const parcel = parcelActor((grams) => Math.abs(grams))
