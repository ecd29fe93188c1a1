import { deepStrictEqual } from 'node:assert/strict'
import { createRuntime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { heapPerActor } from '../heap-per-actor.ts'
import { circuit } from './work-actors.ts'

/** The whole runtime: bytes of heap of an idle actor among `count`, its ref and its place in the registry included. */
export async function troupeHeap(count: number): Promise<Probe> {
  let runtime = await createRuntime()
  const make = (index: number) => runtime.spawn(circuit, { key: `circuit-${index}` })
  return {
    check: async () => deepStrictEqual((await (await make(-1)).state()).value, 'closed'),
    sample: () =>
      heapPerActor(count, make, async () => {
        await runtime.stop()
        runtime = await createRuntime()
      }),
  }
}
