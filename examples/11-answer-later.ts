// An answer that takes time: keep the ask, let a task do the work, answer when it is done. Meanwhile others wait.
import { askOf, type ContractTypes, createRuntime, defineActor, defineContract } from 'troupe'
import { fromTask, isTroupeError, refuse, reply, type TaskScope } from 'troupe'
import { assign, setup } from 'xstate'
import { z } from 'zod'

const order = { fields: z.object({ dish: z.string() }), reply: z.string() }
const contract = defineContract({ messages: { 'kitchen.order': order } })

const cook = fromTask(async ({ input }: TaskScope<{ dish: string }>) => {
  if (input.dish === 'stone') throw new Error('it does not get soft')
  return `${input.dish}, hot`
})

type Guest = { ask?: string | undefined }
const guest = ({ context }: { context: Guest }) => context.ask
const types = {} as ContractTypes<typeof contract> & { context: Guest }
const logic = setup({ types, actors: { cook } }).createMachine({
  context: {},
  initial: 'free',
  states: {
    free: { on: { 'kitchen.order': { target: 'cooking', actions: assign({ ask: ({ event }) => askOf(event) }) } } },
    cooking: {
      invoke: {
        src: 'cook',
        input: ({ event }) => ({ dish: event.dish }),
        onDone: { target: 'free', actions: reply(({ event }) => event.output, guest) },
        onError: { target: 'free', actions: refuse('the cook gave up', guest) },
      },
    },
  },
})
const kitchen = defineActor({ type: 'kitchen', contract, logic, unhandled: 'stash', mailbox: { capacity: 3 } })

const runtime = await createRuntime()
const ref = await runtime.spawn(kitchen, { key: 'main' })
const saidNo = (error: unknown) => (isTroupeError(error) ? `${error.code}: ${error.message}` : error)
const asks = ['soup', 'stone', 'stew', 'cake'].map((dish) => ref.ask({ type: 'kitchen.order', dish }).catch(saidNo))
for (const answer of await Promise.all(asks)) console.log(answer)
await runtime.stop()
