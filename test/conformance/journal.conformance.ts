import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, ShardJournal } from '../../runtime/ports/journal.ts'
import { address } from '../../runtime/protocol/address.ts'
import type { ActorRecord } from '../../runtime/protocol/record.ts'

/** A record of the actor `key`, told apart by its commit. */
function recordOf(key: string, commit: number, context: unknown = { commit }): ActorRecord {
  return {
    format: 1,
    address: address('test', 'thing', key),
    incarnation: 1,
    commit,
    machine: { id: 'thing', version: '1', hash: 'h' },
    principal: { id: 'tester', grants: ['*'] },
    snapshot: { status: 'active', value: 'idle', context },
    timers: [{ id: 't', due: 2 ** 45, to: 'self', event: { type: 'thing.wake' } }],
    outbox: [],
    inbox: {},
  }
}

async function all(shard: ShardJournal): Promise<ActorRecord[]> {
  const records: ActorRecord[] = []
  for await (const record of shard.records()) records.push(record)
  return records
}

/** What every journal promises. `open` opens the same medium anew for each test. */
export function journalConformance(
  name: string,
  open: () => Promise<{ journal: Journal; clean(): Promise<void> }>,
): void {
  describe(`the ${name} journal`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.clean())

    it('gives back what was appended, the newest record of each address', async () => {
      const shard = await opened.journal.own('s')
      await shard.append({ records: [recordOf('a', 1), recordOf('b', 1)], removed: [] })
      await shard.append({ records: [recordOf('a', 2)], removed: [] })
      expect(await shard.read(address('test', 'thing', 'a'))).toEqual(recordOf('a', 2))
      expect((await all(shard)).map(({ address: at, commit }) => [at, commit])).toEqual([
        ['test/thing/b', 1],
        ['test/thing/a', 2],
      ])
    })

    it('has nothing of an address that was removed or never written', async () => {
      const shard = await opened.journal.own('s')
      await shard.append({ records: [recordOf('a', 1)], removed: [] })
      await shard.append({ records: [], removed: [address('test', 'thing', 'a')] })
      expect(await shard.read(address('test', 'thing', 'a'))).toBeUndefined()
      expect(await shard.read(address('test', 'thing', 'x'))).toBeUndefined()
      expect(await all(shard)).toEqual([])
    })

    it('fails the append of an owner that lost the shard, whole and for ever', async () => {
      const first = await opened.journal.own('s')
      await first.append({ records: [recordOf('a', 1)], removed: [] })
      const second = await opened.journal.own('s')
      expect(second.epoch).toBeGreaterThan(first.epoch)
      const late = first.append({ records: [recordOf('a', 2), recordOf('b', 1)], removed: [] })
      await expect(late).rejects.toMatchObject({ code: 'CONFLICT' })
      await second.append({ records: [recordOf('a', 3)], removed: [] })
      await expect(first.append({ records: [], removed: [] })).rejects.toMatchObject({ code: 'CONFLICT' })
      expect((await all(second)).map(({ commit }) => commit)).toEqual([3])
    })

    it('lets a new owner find what the former one committed', async () => {
      const first = await opened.journal.own('s')
      await first.append({ records: [recordOf('a', 1)], removed: [] })
      const second = await opened.journal.own('s')
      expect(await second.read(address('test', 'thing', 'a'))).toEqual(recordOf('a', 1))
    })

    it('keeps shards apart', async () => {
      const one = await opened.journal.own('one')
      const two = await opened.journal.own('two')
      await one.append({ records: [recordOf('a', 1)], removed: [] })
      expect(await all(two)).toEqual([])
      await two.append({ records: [recordOf('a', 7)], removed: [] })
      expect((await one.read(address('test', 'thing', 'a')))?.commit).toBe(1)
    })

    it('cannot be changed through what was given to it or read from it', async () => {
      const shard = await opened.journal.own('s')
      const given = { amounts: [1, 2] }
      await shard.append({ records: [recordOf('a', 1, given)], removed: [] })
      given.amounts.push(3)
      const read = await shard.read(address('test', 'thing', 'a'))
      const context = read?.snapshot.context as typeof given | undefined
      context?.amounts.push(4)
      expect((await shard.read(address('test', 'thing', 'a')))?.snapshot.context).toEqual({ amounts: [1, 2] })
    })

    it('appends in the order of the calls', async () => {
      const shard = await opened.journal.own('s')
      await Promise.all(
        Array.from({ length: 50 }, (_, at) => shard.append({ records: [recordOf('a', at)], removed: [] })),
      )
      expect((await shard.read(address('test', 'thing', 'a')))?.commit).toBe(49)
    })

    it('refuses work after it was closed, and says so', async () => {
      const shard = await opened.journal.own('s')
      await opened.journal.close()
      await expect(shard.append({ records: [recordOf('a', 1)], removed: [] })).rejects.toMatchObject({
        code: 'STORAGE',
      })
      await expect(opened.journal.own('s')).rejects.toMatchObject({ code: 'STORAGE' })
    })
  })
}
