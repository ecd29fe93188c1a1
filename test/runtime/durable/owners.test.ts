import { describe, expect, it, onTestFinished } from 'vitest'
import { createRuntime, type Journal, TroupeError } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'
import { scratchFolder } from '../../support/transports/scratch-folder.ts'

const scratch = scratchFolder()
const tally = tallyActor()

/** A journal of which one append can be made to fail, and whose owner can be made to wait. */
function failing(inner: Journal) {
  let fails = false
  let wait: Promise<void> = Promise.resolve()
  const journal: Journal = {
    ...inner,
    async own(realm, name, options) {
      await wait
      const shard = await inner.own(realm, name, options)
      return {
        ...shard,
        async append(batch) {
          if (!fails) return shard.append(batch)
          fails = false
          throw new TroupeError('STORAGE', 'the disk failed for a moment')
        },
      }
    },
  }
  return {
    journal,
    failNext: () => {
      fails = true
    },
    holdOwner: (until: Promise<void>) => {
      wait = until
    },
  }
}

/** A runtime on a journal in a file, with a tally whose append just failed. */
async function stricken(inner: Journal) {
  const { journal, ...faults } = failing(inner)
  const { runtime, clock } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'a' })
  await ref.send({ type: 'tally.add', by: 1 })
  faults.failNext()
  await expect(ref.send({ type: 'tally.add', by: 10 })).rejects.toMatchObject({ code: 'STORAGE' })
  return { runtime, clock, ref, ...faults }
}

const isFree = async (path: string): Promise<boolean> => {
  const runtime = await createRuntime({ journal: sqlite(path), actors: [tally] }).catch(() => null)
  await runtime?.stop()
  return runtime !== null
}

describe('an owner whose append failed', () => {
  it('goes on where the journal is', async () => {
    const { ref, clock } = await stricken(sqlite(scratch('a.sqlite')))
    await clock.advance('1s')
    expect(await ref.ask({ type: 'tally.take', by: 2 })).toEqual({ total: 3 })
  })

  it('does not take the shard back from who owns it since', async () => {
    const shared = memoryJournal()
    const former = await stricken(shared)
    const heir = (await openRuntime({ journal: shared, actors: [tally] })).runtime.ref(tally, 'a')
    expect(await heir.ask({ type: 'tally.take', by: 2 })).toEqual({ total: 3 })
    await former.clock.advance('1m')
    expect(await heir.ask({ type: 'tally.take', by: 2 })).toEqual({ total: 5 })
    const refused = { code: 'UNAVAILABLE', hint: expect.stringContaining('another process owns it') as string }
    await expect(former.ref.ask({ type: 'tally.get' })).rejects.toMatchObject(refused)
  })

  it('gives the file back when it stops', async () => {
    const path = scratch('b.sqlite')
    const { runtime, clock } = await stricken(sqlite(path))
    await clock.advance('1s')
    expect(await isFree(path)).toBe(false)
    await runtime.stop()
    expect(await isFree(path)).toBe(true)
  })

  it('gives the file back when it stops before it has it again', async () => {
    const path = scratch('c.sqlite')
    const { runtime, clock, holdOwner } = await stricken(sqlite(path))
    let own = (): void => {}
    holdOwner(new Promise((resolve) => (own = resolve)))
    await clock.advance('1s')
    await runtime.stop()
    own()
    await clock.advance('1s')
    expect(await isFree(path)).toBe(true)
  })
})

describe('a second runtime over one sqlite()', () => {
  it('is told that the first has it, until that one has stopped', async () => {
    const journal = sqlite(scratch('d.sqlite'))
    onTestFinished(() => journal.close())
    const { runtime } = await openRuntime({ journal, actors: [tally] })
    const ref = await runtime.spawn(tally, { key: 'a' })
    await expect(createRuntime({ journal, actors: [tally] })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await ref.ask({ type: 'tally.take', by: 1 })).toEqual({ total: 1 })
    await runtime.stop()
    const second = await openRuntime({ journal, actors: [tally] })
    expect(await second.runtime.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 1 })
  })
})
