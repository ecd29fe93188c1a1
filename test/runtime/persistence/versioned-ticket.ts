import { setup } from 'xstate'
import { defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'ticket.ask': {}, 'ticket.answer': {}, 'ticket.close': {} } })

const ticketMachine = setup({
  types: {} as { context: { owner: string | null; asked: number } },
  delays: { patience: 3 * 24 * 3_600_000 },
}).createMachine({
  id: 'ticket',
  context: { owner: null, asked: 0 },
  initial: 'open',
  states: {
    open: { on: { 'ticket.ask': 'waiting', 'ticket.close': 'closed' } },
    waiting: { on: { 'ticket.answer': 'open' }, after: { patience: 'closed' } },
    closed: { type: 'final' },
  },
})

/** A ticket in its second version: `waiting` was `asking`, had no end, and there was no owner. */
export const ticket = defineActor({
  type: 'ticket',
  contract,
  logic: ticketMachine,
  durability: 'durable',
  version: '2',
  migrate: [
    {
      from: '1',
      to: '2',
      renamed: { states: { asking: 'waiting' } },
      begins: ['waiting'],
      migrate: ({ value, context }) => ({ value, context: { owner: null, ...(context as { asked: number }) } }),
    },
  ],
})
