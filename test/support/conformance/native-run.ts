import { type AnyActor, createActor, type AnyMachineSnapshot } from 'xstate'
import { createVirtualClock, type VirtualClock } from '../../../runtime/testing.ts'
import { type NativeCase, type Observation, plain, stimulusName } from './native-case.ts'

/** Runs a case under XState's own `createActor`. */
export async function nativeRun(subject: NativeCase): Promise<readonly Observation[]> {
  const clock = createVirtualClock()
  const emitted: unknown[] = []
  const trace: string[] = []
  const actor = createActor(
    subject.logic((line) => trace.push(line)),
    {
      clock: nativeClock(clock),
      input: subject.input,
    },
  )
  actor.on('*', (event: unknown) => emitted.push(plain(event)))
  actor.subscribe({ error: () => {} })
  const observations: Observation[] = []
  function observe(after: string): void {
    const snapshot = actor.getSnapshot() as AnyMachineSnapshot
    observations.push({
      after,
      status: snapshot.status,
      value: plain(snapshot.value),
      context: plain(snapshot.context),
      tags: [...(snapshot.tags ?? [])].sort(),
      output: plain(snapshot.output),
      error: snapshot.error === undefined ? undefined : messageOf(snapshot.error),
      descendants: descendantsOf(snapshot),
      emitted: emitted.splice(0),
      trace: trace.splice(0),
    })
  }
  actor.start()
  await clock.advance(0)
  observe('start')
  for (const stimulus of subject.script) {
    if (typeof stimulus === 'number') await clock.advance(stimulus)
    else actor.send(stimulus)
    await clock.advance(0)
    observe(stimulusName(stimulus))
  }
  actor.stop()
  return observations
}

function descendantsOf(snapshot: AnyMachineSnapshot): number {
  let count = 0
  for (const child of Object.values(snapshot.children ?? {}) as AnyActor[]) {
    const below = child.getSnapshot() as AnyMachineSnapshot
    if (below.status === 'active' && !isLeaf(child.logic)) count += 1 + descendantsOf(below)
  }
  return count
}

function isLeaf(logic: object): boolean {
  return 'start' in logic && !('__xstatenode' in logic)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function nativeClock(clock: VirtualClock): {
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
} {
  return {
    setTimeout: (callback, ms) => clock.alarm(clock.now() + ms, callback),
    clearTimeout: (stop) => (stop as (() => void) | undefined)?.(),
  }
}
