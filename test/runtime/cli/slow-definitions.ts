import { setTimeout } from 'node:timers/promises'
import { fromPromise, setup } from 'xstate'
import { type ActorDefinition, defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'slow.go': {} } })

/** An actor whose work takes a while; one that is broken fails on the message that begins it. */
export function slowActor(isBroken: boolean): ActorDefinition<typeof contract> {
  const machine = setup({
    actors: { work: fromPromise(() => setTimeout(600)) },
    actions: {
      check: () => {},
    },
    guards: {
      isFit: () => {
        if (isBroken) throw new Error('broken')
        return true
      },
    },
  }).createMachine({
    id: 'slow',
    initial: 'idle',
    states: {
      idle: { on: { 'slow.go': { guard: 'isFit', target: 'busy', actions: 'check' } } },
      busy: { invoke: { id: 'work', src: 'work', onDone: { target: 'rested' } } },
      rested: {},
    },
  })
  return defineActor({ type: 'slow', contract, logic: machine, durability: 'durable' })
}

export const slow = slowActor(false)
