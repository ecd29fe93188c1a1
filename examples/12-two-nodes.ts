// Two runtimes in one realm: an actor of one is heard, asked and watched from the other as if it lived there.
import { type Address, announce, createRuntime, defineActor, defineContract, type DownEvent, watch } from 'troupe'
import { memory } from 'troupe/transports/memory'
import { setup } from 'xstate'
import { z } from 'zod'

const messages = { 'lamp.light': {}, 'lamp.drop': {} }
const light = announce([{ type: 'lamp.lit', watts: 40 }])
const lamp = defineActor({
  type: 'lamp',
  contract: defineContract({ messages, emits: { 'lamp.lit': z.object({ watts: z.number() }) } }),
  logic: setup({}).createMachine({
    initial: 'whole',
    states: { whole: { on: { 'lamp.light': { actions: light }, 'lamp.drop': 'broken' } }, broken: { type: 'final' } },
  }),
})

const guard = defineActor({
  type: 'guard',
  contract: defineContract({ input: z.custom<Address>(), messages: {} }),
  logic: setup({ types: {} as { context: { lamp: Address }; input: Address; events: DownEvent } }).createMachine({
    context: ({ input }) => ({ lamp: input }),
    entry: watch(({ context }) => context.lamp),
    initial: 'calm',
    states: { calm: { on: { 'troupe.down': 'alarmed' } }, alarmed: {} },
  }),
})

const wire = memory()
const house = await createRuntime({ transport: wire, actors: [lamp] })
const office = await createRuntime({ transport: wire, actors: [guard] })
const hall = await office.spawn(lamp, { key: 'hall' })
hall.on('lamp.lit', ({ watts }) => console.log(`the office sees ${watts} watts`))
const night = await office.spawn(guard, { key: 'night', input: hall.address })
console.log('the house runs', house.actors(), 'and the office', office.actors())
for (const type of ['lamp.light', 'lamp.drop'] as const) await hall.send({ type })
console.log('the guard is', (await night.waitFor({ state: 'alarmed' })).value)
await hall.send({ type: 'lamp.light' }).catch((error: Error) => console.log('not sent:', error.message))
for (const runtime of [office, house]) await runtime.stop()
