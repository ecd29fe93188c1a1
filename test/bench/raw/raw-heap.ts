import { deepStrictEqual } from 'node:assert/strict'
import { createActor } from 'xstate'
import type { Probe } from '../bench-case.ts'
import { heapPerActor } from '../heap-per-actor.ts'
import { circuitMachine } from '../workload/circuit.machine.ts'

/** XState alone: bytes of heap of an idle root actor among `count`. */
export function rawHeap(count: number): Probe {
  const make = () => createActor(circuitMachine).start()
  return {
    check: () => deepStrictEqual(make().getSnapshot().value, 'closed'),
    sample: () => heapPerActor(count, make, () => undefined),
  }
}
