import { deepStrictEqual } from 'node:assert/strict'
import { assign, createActor, enqueueActions, fromTransition, raise, setup, stopChild } from 'xstate'
import type { Probe } from '../bench-case.ts'

const CHILDREN = 200
const idle = fromTransition((state: number) => state, 0)

/** XState alone: microseconds to stop one child of a system in which `pending` timers are waiting. */
export function rawStop(pending: number): Probe {
  const machine = setup({
    types: {
      context: {} as { stopped: number },
      events: {} as { type: 'pending.due' } | { type: 'child.stop'; id: string },
    },
    actors: { idle },
    actions: { countStop: assign({ stopped: ({ context }) => context.stopped + 1 }) },
  }).createMachine({
    context: { stopped: 0 },
    entry: enqueueActions(({ enqueue }) => {
      for (let index = 0; index < pending; index += 1) {
        enqueue(raise({ type: 'pending.due' }, { id: `timer-${index}`, delay: 600_000 }))
      }
      for (let index = 0; index < CHILDREN; index += 1) enqueue.spawnChild('idle', { id: `child-${index}` })
    }),
    on: { 'child.stop': { actions: [stopChild(({ event }) => event.id), 'countStop'] } },
  })
  const stopAll = () => {
    const parent = createActor(machine).start()
    const begin = performance.now()
    for (let index = 0; index < CHILDREN; index += 1) parent.send({ type: 'child.stop', id: `child-${index}` })
    const elapsed = performance.now() - begin
    const { stopped } = parent.getSnapshot().context
    const left = Object.keys(parent.getSnapshot().children).length
    parent.stop()
    return { elapsed, stopped, left }
  }
  return {
    check: () => {
      const { stopped, left } = stopAll()
      deepStrictEqual({ stopped, left }, { stopped: CHILDREN, left: 0 })
    },
    sample: () => (stopAll().elapsed * 1000) / CHILDREN,
  }
}
