import { assign, setup } from 'xstate'
import { type ActorDefinition, type Address, defineActor, defineContract, tell } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'sender.send': {}, 'sender.break': {} } })

/** A durable actor that adds one at a tally with each message, and is restarted when it breaks. */
export function senderTo(tally: string): ActorDefinition<typeof contract> {
  const logic = setup({
    actions: {
      addOne: tell(tally as Address, { type: 'tally.add', by: 1 }),
      breakDown: assign(() => {
        throw new Error('broken on purpose')
      }),
    },
  }).createMachine({
    id: 'sender',
    on: { 'sender.send': { actions: 'addOne' }, 'sender.break': { actions: 'breakDown' } },
  })
  const supervision = { restart: 'transient', onPoison: 'stop', backoff: { first: '1s', jitter: 0 } } as const
  return defineActor({ type: 'sender', contract, logic, attempts: 1, durability: 'durable', supervision })
}
