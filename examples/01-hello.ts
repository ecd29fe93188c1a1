// One actor: a statechart with an address. It greets whoever asks, and counts them.
import { createRuntime, type ContractTypes, defineActor, defineContract, reply } from 'troupe'
import { assign, setup } from 'xstate'
import { z } from 'zod'

const contract = defineContract({
  messages: { 'greeter.greet': { fields: z.object({ name: z.string() }), reply: z.string() } },
})

const greeter = defineActor({
  type: 'greeter',
  contract,
  logic: setup({ types: {} as ContractTypes<typeof contract> & { context: { met: number } } }).createMachine({
    context: { met: 0 },
    on: {
      'greeter.greet': {
        actions: [
          assign({ met: ({ context }) => context.met + 1 }),
          reply(({ context, event }) => `Hello ${event.name}, you are number ${context.met}.`),
        ],
      },
    },
  }),
})

const runtime = await createRuntime({ actors: [greeter] })
const ref = await runtime.spawn(greeter, { key: 'front-desk' })

for (const name of ['Ann', 'Ben']) console.log(await ref.ask({ type: 'greeter.greet', name }))
await runtime.stop()
