import { createRuntime, defineActor, defineContract, reply } from 'troupe'
import { createMachine } from 'xstate'
import { z } from 'zod'

const greet = { fields: z.object({ name: z.string() }), reply: z.string() }

const greeter = defineActor({
  type: 'greeter',
  contract: defineContract({ messages: { 'greeter.greet': greet } }),
  logic: createMachine({ on: { 'greeter.greet': { actions: reply(({ event }) => `Hello ${event.name}.`) } } }),
})

const runtime = await createRuntime({ actors: [greeter] })
const ref = await runtime.spawn(greeter, { key: 'front-desk' })
console.log(await ref.ask({ type: 'greeter.greet', name: 'Ann' }))
await runtime.stop()
