import { deepStrictEqual } from 'node:assert/strict'
import { createRuntime, type Ref } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { circuit } from './work-actors.ts'

const COUNT = 5_000

/** The whole runtime: actors started a second. Stopping them is not timed. */
export async function troupeSpawn(): Promise<Probe> {
  const runtime = await createRuntime()
  let keys = 0
  const start = () => runtime.spawn(circuit, { key: `c-${keys++}` })
  return {
    check: async () => deepStrictEqual((await (await start()).state()).value, 'closed'),
    sample: async () => {
      const refs: Ref[] = []
      const begin = performance.now()
      for (let index = 0; index < COUNT; index += 1) refs.push(await start())
      const elapsed = performance.now() - begin
      for (const ref of refs) await ref.stop()
      return (COUNT * 1000) / elapsed
    },
  }
}
