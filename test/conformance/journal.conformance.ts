import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, JournalView, ShardJournal } from '../../runtime/ports/journal.ts'
import type { ActorRecord } from '../../runtime/protocol/record.ts'
import { LIFE, PLAIN } from '../support/conformance/full-record.ts'
import { collected, sampleLetter, sampleRecord, thing } from '../support/conformance/sample-record.ts'

/** A journal under test, on a medium of its own. */
export interface OpenedJournal {
  readonly journal: Journal
  /** Closes the journal and opens its medium anew; where the medium outlives a journal. */
  readonly reopen?: () => Promise<Journal>
  readonly clean: () => Promise<void>
}

/** What every journal promises. `open` opens a new medium for each test. */
export function journalConformance(name: string, open: () => Promise<OpenedJournal>): void {
  describe(`the ${name} journal`, () => {
    let opened: OpenedJournal
    let shard: ShardJournal
    beforeEach(async () => {
      opened = await open()
      shard = await opened.journal.own('test', 's')
    })
    afterEach(() => opened.clean())

    const append = (...records: ActorRecord[]) => shard.append({ records, removed: [] })
    const keys = async (view: JournalView, type?: string) =>
      (await collected(view.records(type))).map((record) => [record.address, record.commit])

    it('gives back what was appended, the newest record of each address in the order of the last writes', async () => {
      await append(sampleRecord('a', 1), sampleRecord('b', 1), sampleRecord('c', 1))
      await append(sampleRecord('a', 2))
      expect(await shard.read(thing('a'))).toEqual(sampleRecord('a', 2))
      expect(await keys(shard)).toEqual([
        [thing('b'), 1],
        [thing('c'), 1],
        [thing('a'), 2],
      ])
    })

    it('gives back every field of a record, and every kind of plain value', async () => {
      await append({ ...PLAIN, ...LIFE }, sampleRecord('b', 1, { input: null }), sampleRecord('c', 1))
      const [a, b, c] = [await shard.read(thing('a')), await shard.read(thing('b')), await shard.read(thing('c'))]
      expect(a).toEqual({ ...PLAIN, ...LIFE })
      expect(b).toHaveProperty('input', null)
      expect(c).not.toHaveProperty('input')
      expect(c).not.toHaveProperty('ended')
    })

    it('has nothing of an address that was removed or never written', async () => {
      await append(sampleRecord('a', 1))
      await shard.append({ records: [], removed: [thing('a'), thing('never')] })
      expect(await shard.read(thing('a'))).toBeUndefined()
      expect(await shard.read(thing('x'))).toBeUndefined()
      expect(await keys(shard)).toEqual([])
    })

    it('reads many at once as it reads each, in the order they are asked for', async () => {
      await append(sampleRecord('a', 1), sampleRecord('b', 1), { ...PLAIN, ...LIFE, address: thing('full') })
      await shard.append({ records: [sampleRecord('a', 2)], removed: [thing('b')] })
      const other = await opened.journal.own('test', 'other')
      await other.append({ records: [sampleRecord('c', 1)], removed: [] })
      const addresses = ['full', 'b', 'a', 'never', 'c', 'a'].map((key) => thing(key))
      const each = await Promise.all(addresses.map((address) => shard.read(address)))
      expect(await shard.readEach(addresses)).toEqual(each.map((record) => ({ record, error: null })))
      expect(each.map((record) => record?.commit)).toEqual([PLAIN.commit, undefined, 2, undefined, undefined, 2])
      expect(await shard.readEach([thing('a')])).toEqual([{ record: sampleRecord('a', 2), error: null }])
      expect(await shard.readEach([])).toEqual([])
    })

    it('gives the records of one type alone', async () => {
      const of = (type: string) => sampleRecord('k', 1, { address: thing('k', type) })
      await append(of('thing'), of('thing-two'), of('thin'), of('Thing'), of('thingy'))
      expect(await keys(shard, 'thing')).toEqual([[thing('k'), 1]])
      expect(await keys(await opened.journal.view('test'), 'thin')).toEqual([[thing('k', 'thin'), 1]])
      expect(await keys(shard, 'other')).toEqual([])
    })

    it('tells keys apart that only look alike, in every script', async () => {
      const lookalikes = ['é', 'e\u0301', 'E', 'e', '🎭', 'a/b', 'a', 'a ', '%', '_', "'", '日本', 'x\u0000y', 'x']
      await append(...lookalikes.map((key, at) => sampleRecord(key, at)))
      for (const [at, key] of lookalikes.entries()) expect((await shard.read(thing(key)))?.commit).toBe(at)
      const readings = await shard.readEach(lookalikes.map((key) => thing(key)))
      expect(readings.map(({ record }) => record?.commit)).toEqual([...lookalikes.keys()])
      expect(await keys(shard)).toEqual(lookalikes.map((key, at) => [thing(key), at]))
    })

    it('holds records of five megabytes', async () => {
      const text = 'troupe 🎭 '.repeat(500_000)
      await append(sampleRecord('a', 1, { snapshot: { status: 'active', context: { text } } }), sampleRecord('b', 1))
      expect((await shard.read(thing('a')))?.snapshot.context).toEqual({ text })
      expect(await keys(shard)).toHaveLength(2)
    })

    it('writes an append whole: records, removals, dead letters and burials', async () => {
      await shard.append({ records: [sampleRecord('a', 1)], removed: [], letters: [sampleLetter('l1')] })
      await shard.append({
        records: [sampleRecord('b', 1)],
        removed: [thing('a')],
        letters: [sampleLetter('l2'), sampleLetter('l3')],
        buried: ['l1', 'never'],
      })
      expect(await keys(shard)).toEqual([[thing('b'), 1]])
      expect(await collected(shard.letters())).toEqual([sampleLetter('l2'), sampleLetter('l3')])
    })

    it.each([
      ['a value that is not plain', [sampleRecord('b', 1), sampleRecord('a', 1, { input: new Map() })], []],
      ['an address twice', [sampleRecord('b', 1), sampleRecord('a', 1), sampleRecord('a', 2)], []],
      ['an address both written and removed', [sampleRecord('b', 1), sampleRecord('a', 1)], [thing('a')]],
    ])('refuses %s and names the address; nothing of the append is written', async (_, records, removed) => {
      await append(sampleRecord('a', 0))
      const refused = shard.append({ records, removed, letters: [sampleLetter('l')], buried: [] })
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_MESSAGE', where: thing('a') })
      expect(await keys(shard)).toEqual([[thing('a'), 0]])
      expect(await collected(shard.letters())).toEqual([])
      await append(sampleRecord('a', 1))
      expect(await keys(shard)).toEqual([[thing('a'), 1]])
    })

    it('gives dead letters in the order they were written, and keeps the newest ten thousand of a shard', async () => {
      const letters = Array.from({ length: 10_005 }, (_, at) => sampleLetter(`l${at}`, 10_005 - at))
      await shard.append({ records: [], removed: [], letters: letters.slice(0, 9_000) })
      await shard.append({ records: [], removed: [], letters: letters.slice(9_000), buried: ['l8', 'l10000'] })
      const kept = (await collected(shard.letters())).map(({ id }) => id)
      expect(kept).toHaveLength(10_000)
      expect(kept.slice(0, 5)).toEqual(['l3', 'l4', 'l5', 'l6', 'l7'])
      expect(kept.at(-1)).toBe('l10004')
    })

    it('knows who has something to do by itself, and when', async () => {
      await append(
        sampleRecord('never', 1),
        sampleRecord('now', 1, { wake: 0 }),
        sampleRecord('later', 1, { wake: 2 ** 45 + 0.5 }),
        sampleRecord('ended', 1, { wake: 5, ended: { at: 1, until: 5 } }),
        sampleRecord('was', 1, { wake: 7 }),
        sampleRecord('gone', 1, { wake: 8 }),
      )
      await shard.append({ records: [sampleRecord('was', 2)], removed: [thing('gone')] })
      const wakes = (await collected(shard.wakes())).sort((a, b) => a.wake - b.wake)
      expect(wakes).toEqual([
        { address: thing('now'), wake: 0 },
        { address: thing('later'), wake: 2 ** 45 + 0.5 },
      ])
    })

    it('forgets the actors that ended once their time has passed, and no others', async () => {
      const ended = (key: string, until: number) => sampleRecord(key, 1, { wake: until, ended: { at: 1, until } })
      await append(ended('a', 9), ended('b', 10), ended('c', 11), sampleRecord('alive', 1, { wake: 1 }))
      expect(await shard.expire(8)).toBe(0)
      expect(await shard.expire(10)).toBe(2)
      expect((await keys(shard)).map(([address]) => address)).toEqual([thing('c'), thing('alive')])
      expect(await shard.expire(10)).toBe(0)
    })

    it('fails an owner that lost the shard, whole and for ever', async () => {
      await append(sampleRecord('a', 1, { ended: { at: 1, until: 1 } }))
      const second = await opened.journal.own('test', 's')
      expect(second.epoch).toBeGreaterThan(shard.epoch)
      const conflict = { code: 'CONFLICT', where: 's' }
      await expect(append(sampleRecord('a', 2), sampleRecord('b', 1))).rejects.toMatchObject(conflict)
      await expect(shard.expire(2)).rejects.toMatchObject(conflict)
      await second.append({ records: [sampleRecord('a', 3)], removed: [] })
      await expect(append()).rejects.toMatchObject(conflict)
      expect(await keys(second)).toEqual([[thing('a'), 3]])
    })

    it('gives a shard back to who owned it last, and not once it has a later owner', async () => {
      await append(sampleRecord('a', 1))
      const again = await opened.journal.own('test', 's', { after: shard.epoch })
      expect(again.epoch).toBeGreaterThan(shard.epoch)
      await again.append({ records: [sampleRecord('a', 2)], removed: [] })
      const later = await opened.journal.own('test', 's')
      const conflict = { code: 'CONFLICT', where: 's' }
      await expect(opened.journal.own('test', 's', { after: again.epoch })).rejects.toMatchObject(conflict)
      await expect(opened.journal.own('test', 's', { after: shard.epoch })).rejects.toMatchObject(conflict)
      await later.append({ records: [sampleRecord('a', 3)], removed: [] })
      expect(await keys(later)).toEqual([[thing('a'), 3]])
    })

    it('lets a new owner find what the former one committed', async () => {
      await shard.append({ records: [sampleRecord('a', 1)], removed: [], letters: [sampleLetter('l')] })
      const second = await opened.journal.own('test', 's')
      expect(await second.read(thing('a'))).toEqual(sampleRecord('a', 1))
      expect(await collected(second.letters())).toEqual([sampleLetter('l')])
    })

    it('keeps shards apart, and shows all of them in a view, in the order of the last writes', async () => {
      const other = await opened.journal.own('test', 'other')
      await shard.append({ records: [sampleRecord('a', 1)], removed: [], letters: [sampleLetter('l')] })
      expect(await keys(other)).toEqual([])
      await other.append({ records: [sampleRecord('b', 7)], removed: [thing('a')], buried: ['l'] })
      await append(sampleRecord('c', 1))
      expect(await collected(shard.letters())).toHaveLength(1)
      const view = await opened.journal.view('test')
      expect(await keys(view)).toEqual([
        [thing('a'), 1],
        [thing('b'), 7],
        [thing('c'), 1],
      ])
      expect(await view.read(thing('b'))).toEqual(sampleRecord('b', 7))
      expect(await collected(view.letters())).toEqual([sampleLetter('l')])
    })

    it('shows what is committed to a view that owns nothing, while it is open', async () => {
      const view = await opened.journal.view('test')
      expect(await keys(view)).toEqual([])
      await append(sampleRecord('a', 1))
      expect(await keys(view)).toEqual([[thing('a'), 1]])
      await shard.append({ records: [], removed: [thing('a')] })
      expect(await view.read(thing('a'))).toBeUndefined()
      await append(sampleRecord('b', 1))
    })

    it('gives each actor once to who reads while it is written', async () => {
      await append(...Array.from({ length: 50 }, (_, at) => sampleRecord(`k${at}`, 1)))
      const seen: string[] = []
      for await (const { address } of shard.records()) {
        seen.push(address)
        await append(sampleRecord(`k${seen.length % 50}`, 2), sampleRecord(`new${seen.length}`, 1))
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toHaveLength(50)
    })

    it('belongs to one realm', async () => {
      await expect(opened.journal.own('other', 's')).rejects.toMatchObject({ code: 'INCOMPATIBLE', where: 'other' })
      await expect(opened.journal.view('other')).rejects.toMatchObject({ code: 'INCOMPATIBLE', where: 'other' })
    })

    it('cannot be changed through what was given to it or read from it', async () => {
      const amounts = [1, 2]
      const bytes = new Uint8Array([1, 2])
      await append(sampleRecord('a', 1, { input: { amounts, bytes } }))
      amounts.push(3)
      bytes[0] = 9
      const inputOf = async () => (await shard.read(thing('a')))?.input as { amounts: number[]; bytes: Uint8Array }
      const read = await inputOf()
      read.amounts.push(4)
      read.bytes[0] = 9
      const again = await inputOf()
      expect([again.amounts, ...again.bytes]).toEqual([[1, 2], 1, 2])
    })

    it('appends in the order of the calls', async () => {
      await Promise.all(Array.from({ length: 50 }, (_, at) => append(sampleRecord('a', at))))
      expect((await shard.read(thing('a')))?.commit).toBe(49)
    })

    it('lets go of a shard that is given back: it is not written under that hold, and whoever owns it goes on', async () => {
      const shard = await opened.journal.own('test', 's')
      await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
      await shard.release()
      await shard.release()
      const late = shard.append({ records: [sampleRecord('a', 2)], removed: [] })
      await expect(late).rejects.toMatchObject({ code: 'CONFLICT' })
      const next = await opened.journal.own('test', 's')
      expect(next.epoch).toBeGreaterThan(shard.epoch)
      expect((await next.read(thing('a')))?.commit).toBe(1)
      await next.append({ records: [sampleRecord('a', 3)], removed: [] })
      expect((await next.read(thing('a')))?.commit).toBe(3)
    })

    it('refuses work after it was closed, and says so; closing again is nothing', async () => {
      const view = await opened.journal.view('test')
      await opened.journal.close()
      await opened.journal.close()
      const closed = { code: 'STORAGE', message: expect.stringContaining('closed') }
      await expect(append(sampleRecord('a', 1))).rejects.toMatchObject(closed)
      await expect(shard.read(thing('a'))).rejects.toMatchObject(closed)
      await expect(shard.readEach([thing('a'), thing('b')])).rejects.toMatchObject(closed)
      await expect(collected(view.records())).rejects.toMatchObject(closed)
      await expect(collected(view.letters())).rejects.toMatchObject(closed)
      await expect(collected(shard.wakes())).rejects.toMatchObject(closed)
      await expect(opened.journal.own('test', 's')).rejects.toMatchObject(closed)
      await expect(opened.journal.view('test')).rejects.toMatchObject(closed)
    })

    it('brings everything back after it was opened again, where the medium outlives it', async () => {
      if (!opened.reopen) return
      const before = shard.epoch
      const records = [sampleRecord('b', 1, { wake: 3 }), sampleRecord('a', 1)]
      await shard.append({ records, removed: [], letters: [sampleLetter('l')] })
      const again = await opened.reopen()
      const owned = await again.own('test', 's')
      expect(owned.epoch).toBeGreaterThan(before)
      expect(await collected(owned.records())).toEqual(records)
      expect(await collected(owned.wakes())).toEqual([{ address: thing('b'), wake: 3 }])
      expect(await collected(owned.letters())).toEqual([sampleLetter('l')])
      await owned.append({ records: [sampleRecord('b', 2)], removed: [] })
      expect(await keys(owned)).toEqual([
        [thing('a'), 1],
        [thing('b'), 2],
      ])
    })
  })
}
