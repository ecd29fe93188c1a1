import { z } from 'zod'
import { createRuntime, defineActor, defineContract, type Ref, type RuntimeOptions } from '../../../runtime/index.ts'
import { createVirtualClock } from '../../../runtime/testing.ts'
import { type NativeCase, type Observation, plain, stimulusName } from './native-case.ts'

/** Runs a case under the kernel. */
export async function kernelRun(subject: NativeCase, options: RuntimeOptions = {}): Promise<readonly Observation[]> {
  const clock = createVirtualClock()
  const trace: string[] = []
  const emitted: unknown[] = []
  const definition = defineActor({
    type: 'subject',
    contract: anyContract(subject),
    logic: subject.logic((line) => trace.push(line)),
  })
  const runtime = await createRuntime({ ...options, clock, actors: [definition] })
  const observations: Observation[] = []
  try {
    const ref = (await runtime.spawn(definition, { key: 'one', input: subject.input as never })) as unknown as Ref
    if (runtime.actors().includes(ref.address)) ref.on('*' as never, (event: unknown) => emitted.push(plain(event)))
    const observe = async (after: string): Promise<void> => {
      const view = await ref.state()
      observations.push({
        after,
        status: view.status,
        value: plain(view.value),
        context: plain(view.context),
        tags: [...view.tags].sort(),
        output: plain(view.output),
        error: view.error?.message,
        descendants: runtime.actors().filter((address) => address !== ref.address).length,
        emitted: emitted.splice(0),
        trace: trace.splice(0),
      })
    }
    await clock.advance(0)
    await observe('start')
    for (const stimulus of subject.script) {
      if (typeof stimulus === 'number') await clock.advance(stimulus)
      else await ref.send(stimulus as never).catch(() => {})
      await clock.advance(0)
      await observe(stimulusName(stimulus))
    }
  } finally {
    await runtime.stop()
  }
  return observations
}

function anyContract(subject: NativeCase) {
  const sent = subject.script.filter((stimulus) => typeof stimulus !== 'number')
  return defineContract({
    input: z.unknown(),
    messages: Object.fromEntries(sent.map(({ type }) => [type, { fields: z.looseObject({}) }])),
    emits: Object.fromEntries((subject.emits ?? []).map((type) => [type, z.looseObject({})])),
  })
}
