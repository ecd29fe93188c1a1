import { assign, setup } from 'xstate'
import { z } from 'zod'
import { announce, type ContractTypes, defineActor, defineContract, reply } from '../../../runtime/index.ts'

const contract = defineContract({
  messages: {
    'scribe.note': { fields: z.object({ id: z.string() }) },
    'scribe.write': { fields: z.object({ id: z.string() }), reply: z.object({ place: z.number() }) },
    'scribe.break': { fields: z.object({ id: z.string() }) },
  },
  emits: { 'scribe.wrote': z.object({ place: z.number() }) },
})

interface Written {
  readonly written: readonly string[]
}

const lastPlace = (context: unknown): number => (context as Written).written.length - 1

const machine = setup({
  types: {} as ContractTypes<typeof contract> & { context: Written },
  actions: {
    write: assign({ written: ({ context, event }) => [...context.written, event.id] }),
    sayPlace: announce(({ context }) => [{ type: 'scribe.wrote', place: lastPlace(context) }]),
    tellPlace: reply(({ context }) => ({ place: lastPlace(context) })),
    fail: assign(() => {
      throw new Error('broken on purpose')
    }),
  },
}).createMachine({
  id: 'scribe',
  context: { written: [] },
  on: {
    'scribe.note': { actions: 'write' },
    'scribe.write': { actions: ['write', 'sayPlace', 'tellPlace'] },
    'scribe.break': { actions: 'fail' },
  },
})

/** A durable actor that writes down what it is sent, in the order in which it comes. */
export const scribe = defineActor({ type: 'scribe', contract, logic: machine, durability: 'durable' })
