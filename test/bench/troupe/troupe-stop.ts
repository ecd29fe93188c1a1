import { deepStrictEqual } from 'node:assert/strict'
import { createRuntime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { circuit } from './work-actors.ts'

const STOPPED = 200

/** The whole runtime: microseconds to stop one actor while `pending` others wait on a timer; each has one too. */
export async function troupeStop(pending: number): Promise<Probe> {
  const runtime = await createRuntime()
  let keys = 0
  const open = async () => {
    const ref = await runtime.spawn(circuit, { key: `c-${keys++}` })
    for (let fails = 0; fails < 3; fails += 1) await ref.send({ type: 'circuit.fail' })
    return ref
  }
  for (let index = 0; index < pending; index += 1) await open()
  await runtime.idle()
  const stopAll = async () => {
    const refs = await Promise.all(Array.from({ length: STOPPED }, open))
    await runtime.idle()
    deepStrictEqual((await refs[0]?.state())?.value, 'open')
    const begin = performance.now()
    for (const ref of refs) await ref.stop()
    return performance.now() - begin
  }
  return {
    check: async () => {
      await stopAll()
      deepStrictEqual(runtime.actors().length, pending)
    },
    sample: async () => ((await stopAll()) * 1000) / STOPPED,
  }
}
