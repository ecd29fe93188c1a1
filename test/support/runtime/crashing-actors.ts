import { setup } from 'xstate'
import { defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { spin: {} } })

/** Throws on its way to its first state. */
export const crashing = defineActor({
  type: 'crashing',
  contract,
  logic: setup({}).createMachine({
    context: () => {
      throw new Error('no context today')
    },
  }),
})

/** Never finds its first state. */
export const looping = defineActor({
  type: 'looping',
  contract,
  logic: setup({}).createMachine({
    initial: 'a',
    states: { a: { always: 'b' }, b: { always: 'a' } },
  }),
})
