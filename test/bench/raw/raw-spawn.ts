import { deepStrictEqual } from 'node:assert/strict'
import { type Actor, createActor } from 'xstate'
import type { Probe } from '../bench-case.ts'
import { circuitMachine } from '../workload/circuit.machine.ts'

const COUNT = 5_000

/** XState alone: root actors started a second. Stopping them is not timed. */
export function rawSpawn(): Probe {
  const start = () => createActor(circuitMachine).start()
  return {
    check: () => deepStrictEqual(start().getSnapshot().value, 'closed'),
    sample: () => {
      const actors: Actor<typeof circuitMachine>[] = []
      const begin = performance.now()
      for (let index = 0; index < COUNT; index += 1) actors.push(start())
      const elapsed = performance.now() - begin
      for (const actor of actors) actor.stop()
      return (COUNT * 1000) / elapsed
    },
  }
}
