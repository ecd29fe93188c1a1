import { describe, expect, it } from 'vitest'
import { address, createRuntime, TroupeError } from '../../../runtime/index.ts'
import { memory } from '../../../transports/memory/index.ts'
import { workActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

describe('a runtime over a journal', () => {
  it('takes up by itself what was under way, unless only what is asked for is wanted', async () => {
    const { actor, bench } = workActor()
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [actor] })
    for (const key of ['a', 'b']) await (await first.runtime.spawn(actor, { key })).send({ type: 'work.start' })
    await first.runtime.stop()
    const asked = await openRuntime({ journal, actors: [actor], wake: 'asked' })
    expect(await asked.runtime.ref(actor, 'a').ask({ type: 'work.report' })).toMatchObject({ log: expect.any(Array) })
    expect(asked.runtime.actors()).toEqual([address('local', 'work', 'a')])
    await asked.runtime.stop()
    const all = await openRuntime({ journal, actors: [actor] })
    await all.runtime.ref(actor, 'a').state()
    expect(all.runtime.actors().toSorted()).toEqual(['a', 'b'].map((key) => address('local', 'work', key)))
    expect(bench.runs.length).toBeGreaterThan(0)
  })

  it('that does not come about gives back what it has taken', async () => {
    const journal = gatedJournal()
    let released = 0
    const watched = {
      ...journal,
      own: async (realm: string, name: string) => {
        const shard = await journal.own(realm, name)
        const release = async (): Promise<void> => {
          released++
          await shard.release()
        }
        return { ...shard, release }
      },
    }
    const transport = {
      ...memory(),
      join: () => Promise.reject(new TroupeError('UNAVAILABLE', 'the wire is cut')),
    }
    await expect(createRuntime({ journal: watched, transport })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(released).toBe(1)
  })
})
