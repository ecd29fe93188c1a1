// Ask for one answer, stream the parts of a long one, and hear what an actor has to say unasked.
import { chunk, createRuntime, defineActor, defineContract, refuse, reply } from 'troupe'
import { createMachine, emit, enqueueActions } from 'xstate'
import { z } from 'zod'

const lines = ['One message at a time,', 'commit before effect;', 'what fails, fails whole.']

const poem = defineActor({
  type: 'poem',
  contract: defineContract({
    messages: {
      'poem.read': { reply: z.object({ lines: z.number() }), chunk: z.string() },
      'poem.burn': { reply: z.string() },
    },
    emits: { 'poem.finished': z.object({ readers: z.number() }) },
  }),
  logic: createMachine({
    on: {
      'poem.read': {
        actions: [
          enqueueActions(({ enqueue }) => lines.forEach((line) => enqueue(chunk(() => line)))),
          reply(() => ({ lines: lines.length })),
          emit({ type: 'poem.finished', readers: 1 }),
        ],
      },
      'poem.burn': { actions: refuse('poems are not for burning') },
    },
  }),
})

const runtime = await createRuntime({ actors: [poem] })
const ref = await runtime.spawn(poem)
ref.on('poem.finished', ({ readers }) => console.log(`-- read by ${readers}`))
const reading = ref.stream({ type: 'poem.read' })
for await (const line of reading) console.log(line)
console.log(await reading.reply)
console.log(await ref.ask({ type: 'poem.burn' }).catch((error: Error) => error.message))
await runtime.stop()
