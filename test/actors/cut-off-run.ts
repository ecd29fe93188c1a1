import { expect, vi } from 'vitest'
import { defineWorkflow } from '../../actors/index.ts'
import { versionedLogics } from '../../runtime/cli/versioned-logics.ts'
import type { ActorDefinition } from '../../runtime/index.ts'
import { type Compatibility, compareWithRecords } from '../../runtime/persistence/compatibility.ts'
import type { ActorRecord } from '../../runtime/protocol/record.ts'
import { createVirtualClock, type VirtualClock } from '../../runtime/testing.ts'
import { type GatedJournal, gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import type { WorkBench } from './work-bench.ts'

/** What a run leaves behind. */
export interface Stored {
  readonly journal: GatedJournal
  readonly clock: VirtualClock
}

/** Leaves a run behind that was cut off when `begun` had begun. */
export async function cutOff(workflow: object, { begun }: WorkBench, last: string): Promise<Stored> {
  const clock = createVirtualClock()
  const definition = workflow as ActorDefinition
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, clock, actors: [definition] })
  await runtime.spawn(definition, { key: 'r' })
  await vi.waitFor(() => expect(begun.at(-1)).toBe(last))
  await runtime.idle()
  await runtime.stop()
  return { journal, clock }
}

/** What `troupe machine check` says of the runs in a journal. */
export function check(workflow: object, { journal, clock }: Stored): Promise<Compatibility> {
  const definitions = [workflow as ActorDefinition]
  const records = new Map(journal.appended.flatMap((batch) => batch.records.map((record) => [record.address, record])))
  async function* each(): AsyncGenerator<ActorRecord> {
    yield* records.values()
  }
  return compareWithRecords(versionedLogics(definitions, definitions), each(), clock.now())
}

const anyWorkflow = () => defineWorkflow('any').step('a', { run: () => 1 })

/** How the run ends under a workflow, or why it is refused. The time goes on until then. */
export async function goOn(workflow: object, { journal, clock }: Stored): Promise<object> {
  const definition = workflow as ReturnType<typeof anyWorkflow>
  const { runtime } = await openRuntime({ journal, clock, actors: [definition] })
  const ended = runtime
    .ref(definition, 'r')
    .result()
    .catch(({ code, message }: { code: string; message: string }) => ({ status: code, message }))
  await clock.advance('1m')
  const end = await ended
  await runtime.stop()
  return end
}
