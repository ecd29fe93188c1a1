import { createMachine, fromPromise, setup } from 'xstate'
import { defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'ticket.close': {} } })
const audit = createMachine({ id: 'audit', initial: 'idle', states: { idle: {} } })
const noteMachine = createMachine({ id: 'note' })

const machine = setup({ actors: { audit, note: noteMachine, work: fromPromise(async () => 1) } }).createMachine({
  id: 'ticket',
  initial: 'open',
  states: { open: { on: { 'ticket.close': 'closed' } }, closed: { type: 'final' } },
})

/** The definition that is about to be deployed. */
export const ticket = defineActor({
  type: 'ticket',
  contract,
  logic: machine,
  durability: 'durable',
  version: '2',
  migrate: [{ from: '1', to: '2', migrate: (state) => state }],
})

/** A pack of definitions, one of them exported above as well. @public */
export const pack = {
  name: 'desk',
  actors: [ticket, defineActor({ type: 'note', contract, logic: noteMachine, durability: 'durable' })],
}

/** No definition. @public */
export const other = [1, null, 'text']
