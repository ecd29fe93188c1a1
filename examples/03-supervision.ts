// Let it crash: a cook that breaks down is started again, with what it began with. One that does so too often is set
// apart, until somebody has mended the cause and resets it.
import { type ContractTypes, createRuntime, defineActor, defineContract, type InspectionRecord, reply } from 'troupe'
import { assign, setup } from 'xstate'
import { z } from 'zod'

const contract = defineContract({
  input: z.object({ plates: z.number() }),
  messages: { 'cook.serve': { reply: z.string() }, 'cook.juggle': {} },
})
const logic = setup({
  types: {} as ContractTypes<typeof contract> & { context: { plates: number } },
  actions: {
    takePlate: assign({ plates: ({ context }) => context.plates - 1 }),
    dropPlates: assign(() => {
      throw new Error('all plates are broken')
    }),
  },
}).createMachine({
  context: ({ input }) => input,
  on: {
    'cook.serve': { actions: ['takePlate', reply(({ context }) => `${context.plates} plates left`)] },
    'cook.juggle': { actions: 'dropPlates' },
  },
})
const supervision = { restart: 'transient', onPoison: 'stop', backoff: { first: 50 } } as const
const cook = defineActor({ type: 'cook', contract, logic, attempts: 1, supervision })

const inspect = (record: InspectionRecord) => record.kind === 'actor.restarted' && console.log('anew:', record.reason)
const runtime = await createRuntime({ inspect, supervision: { intensity: 2, period: '1m' } })
const ref = await runtime.spawn(cook, { key: 'ann', input: { plates: 9 } })
for (let turn = 0; turn < 3; turn++) {
  console.log(await ref.ask({ type: 'cook.serve' }))
  await ref.send({ type: 'cook.juggle' })
}
await ref.ask({ type: 'cook.serve' }).catch((error: Error) => console.log(error.message))
await runtime.reset(ref.address)
console.log(await ref.ask({ type: 'cook.serve' }))
await runtime.stop()
