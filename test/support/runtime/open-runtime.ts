import { afterEach } from 'vitest'
import { createRuntime, type Runtime, type RuntimeOptions } from '../../../runtime/index.ts'
import { createVirtualClock, type VirtualClock } from '../../../runtime/testing.ts'

const open: Runtime[] = []

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.stop({ drain: 0 })
})

/** A runtime on a virtual clock that stops with its test. */
export async function openRuntime(options: RuntimeOptions = {}): Promise<{ runtime: Runtime; clock: VirtualClock }> {
  const clock = createVirtualClock()
  const runtime = await createRuntime({ clock, ...options })
  open.push(runtime)
  return { runtime, clock }
}
