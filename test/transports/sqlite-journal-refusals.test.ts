import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isTroupeError } from '../../runtime/protocol/errors.ts'
import { sqlite } from '../../transports/sqlite/index.ts'
import { collected, sampleRecord, thing } from '../support/conformance/sample-record.ts'
import { journalWorker } from '../support/transports/journal-worker.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()
const FILLING = { input: 'x'.repeat(700) }
/** Rights do not hold the superuser: a worker gives them up. */
const user = process.getuid?.() === 0 ? 65_534 : undefined

function write(name: string, content: string): string {
  writeFileSync(scratch(name), content)
  return scratch(name)
}

/** A closed journal with some records. */
async function madeJournal(name: string, count = 1): Promise<string> {
  const journal = sqlite(scratch(name))
  const shard = await journal.own('test', 's')
  const records = Array.from({ length: count }, (_, at) => sampleRecord(`k${at}`, at, FILLING))
  await shard.append({ records, removed: [] })
  await journal.close()
  return scratch(name)
}

describe('a file that cannot be a journal is refused, by who would own and by who would look:', () => {
  it.each([
    ['one in a folder that is not there', () => scratch('none/runs.sqlite'), 'STORAGE', 'its folder does not exist'],
    ['a folder', () => scratch(), 'STORAGE', 'is a folder'],
    ['one under a file', () => `${write('file', '')}/runs.sqlite`, 'STORAGE', 'under a file'],
    ['a text', () => write('a.sqlite', 'Dear journal, '.repeat(100)), 'STORAGE', 'is not a SQLite database'],
    ['a page of a website', () => write('a.sqlite', '<!doctype html>'), 'STORAGE', 'is not a SQLite database'],
  ])('%s', async (_, make, code, message) => {
    const path = make()
    const failure = { code, where: path, hint: expect.any(String), message: expect.stringContaining(message) }
    await expect(sqlite(path).own('test', 's')).rejects.toMatchObject(failure)
    await expect(sqlite(path).view('test')).rejects.toMatchObject({ code, where: path })
  })

  it('a database of something else, which stays as it is', async () => {
    const path = scratch('other.sqlite')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE accounts (id INTEGER PRIMARY KEY)')
    other.close()
    const before = readFileSync(path)
    const failure = { code: 'INCOMPATIBLE', where: path, message: expect.stringContaining('something else') }
    await expect(sqlite(path).own('test', 's')).rejects.toMatchObject(failure)
    await expect(sqlite(path).view('test')).rejects.toMatchObject(failure)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('a journal of a newer format', async () => {
    const path = await madeJournal('newer.sqlite')
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 2')
    db.close()
    const failure = { code: 'INCOMPATIBLE', where: path, hint: expect.stringContaining('upgrade') }
    await expect(sqlite(path).own('test', 's')).rejects.toMatchObject(failure)
    await expect(sqlite(path).view('test')).rejects.toMatchObject(failure)
  })

  it('a name that is none', () => {
    for (const name of ['', ':memory:']) {
      expect(() => sqlite(name)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }))
    }
  })
})

describe('who only looks', () => {
  it('is told of a file that is not there, and makes none', async () => {
    const journal = sqlite(scratch('none.sqlite'))
    await expect(journal.view('test')).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('does not exist'),
    })
    await expect(journal.view('test')).rejects.toMatchObject({ code: 'STORAGE' })
  })

  it('is told of a file in which no journal has been begun', async () => {
    const path = write('empty.sqlite', '')
    await expect(sqlite(path).view('test')).rejects.toMatchObject({ code: 'STORAGE', hint: expect.any(String) })
  })

  it.each([
    ['a file that it may only read', 0o777],
    ['a folder that it may only read', 0o755],
  ])('can look into %s, at rest and beside its owner', async (_, rights) => {
    const path = await madeJournal('runs.sqlite')
    chmodSync(path, 0o444)
    chmodSync(scratch(), user === undefined ? rights & 0o555 : rights)
    const looker = journalWorker(path, {}, user === undefined ? {} : { user })
    expect(await looker.tell('view')).toEqual({ value: [0] })
    expect(await looker.tell('own')).toMatchObject({ error: { code: 'STORAGE', where: expect.any(String) } })
    await looker.kill()
    if (user === undefined) return
    const owner = sqlite(path)
    const shard = await owner.own('test', 's')
    await shard.append({ records: [sampleRecord('k0', 7)], removed: [] })
    const second = journalWorker(path, {}, { user })
    expect(await second.tell('view')).toEqual({ value: [7] })
    await second.kill()
    await owner.close()
  })
})

describe('an append that the file refuses has not happened, and the next one can:', () => {
  it('another process holds the lock for longer than the patience', async () => {
    const path = scratch('runs.sqlite')
    const journal = sqlite(path, { patience: '20ms' })
    const shard = await journal.own('test', 's')
    const foreign = new DatabaseSync(path)
    foreign.exec('BEGIN EXCLUSIVE')
    await expect(shard.append({ records: [sampleRecord('a', 1)], removed: [] })).rejects.toMatchObject({
      code: 'STORAGE',
      where: path,
      message: expect.stringContaining('locked by another process'),
    })
    foreign.exec('COMMIT')
    foreign.close()
    expect(await collected(shard.records())).toEqual([])
    await shard.append({ records: [sampleRecord('a', 2)], removed: [] })
    expect(await collected(shard.records())).toEqual([sampleRecord('a', 2)])
    await journal.close()
  })

  it('the disk gives no more', async () => {
    const path = scratch('runs.sqlite')
    const writer = journalWorker(path, { durability: 'D1' }, { fileSize: 400 })
    await writer.tell('own')
    const acknowledged: number[] = []
    let commit = 0
    let refused = await writer.tell(`append ${++commit}`)
    for (; !refused.error && commit < 500; refused = await writer.tell(`append ${++commit}`)) acknowledged.push(commit)
    expect(refused).toMatchObject({ error: { code: 'STORAGE', where: path, hint: expect.stringContaining('disk') } })
    expect(await writer.tell('view')).toEqual({ value: Array.from({ length: commit % 2 ? 6 : 5 }, () => commit - 1) })
    await writer.kill()
    const roomier = journalWorker(path)
    await roomier.tell('own')
    expect(await roomier.tell('view')).toEqual({ value: Array.from({ length: commit % 2 ? 6 : 5 }, () => commit - 1) })
    expect(await roomier.tell(`append ${commit}`)).toEqual({ value: commit })
    await roomier.kill()
  })

  it.each([
    ['deleted', (path: string) => rmSync(path)],
    ['moved', (path: string) => renameSync(path, `${path}.old`)],
    [
      'replaced',
      (path: string) => {
        rmSync(path)
        new DatabaseSync(path).close()
      },
    ],
  ])('the file was %s under its owner', async (_, act) => {
    const path = scratch('runs.sqlite')
    const journal = sqlite(path)
    const shard = await journal.own('test', 's')
    await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
    act(path)
    const failure = { code: 'STORAGE', message: expect.stringContaining('moved, deleted or replaced') }
    await expect(shard.append({ records: [sampleRecord('a', 2)], removed: [] })).rejects.toMatchObject(failure)
    await expect(journal.own('test', 's')).rejects.toMatchObject(failure)
    await journal.close()
  })
})

describe('damage', () => {
  it('of one record is told by its address, and does not hide the others', async () => {
    const journal = sqlite(scratch('runs.sqlite'))
    const first = await journal.own('test', 's')
    const marked = sampleRecord('b', 1, { input: 'a mark that stands nowhere else', wake: 5 })
    await first.append({ records: [sampleRecord('a', 1), marked, sampleRecord('c', 1)], removed: [] })
    await journal.close()
    const bytes = readFileSync(scratch('runs.sqlite'))
    bytes[bytes.indexOf('nowhere')] = 0x6d
    writeFileSync(scratch('runs.sqlite'), bytes)

    const again = sqlite(scratch('runs.sqlite'))
    const shard = await again.own('test', 's')
    const damaged = { code: 'STORAGE', where: thing('b'), hint: expect.any(String) }
    await expect(shard.read(thing('b'))).rejects.toMatchObject(damaged)
    expect(await shard.read(thing('a'))).toEqual(sampleRecord('a', 1))
    const readings = await shard.readEach([thing('a'), thing('b'), thing('c')])
    expect(readings.map(({ record }) => record)).toEqual([sampleRecord('a', 1), undefined, sampleRecord('c', 1)])
    expect(readings.map(({ error }) => error)).toEqual([null, expect.objectContaining(damaged), null])
    expect(await collected(shard.wakes())).toEqual([{ address: thing('b'), wake: 5 }])
    const iterator = shard.records()[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toMatchObject({ address: thing('a') })
    await expect(iterator.next()).rejects.toMatchObject(damaged)
    expect((await iterator.next()).value).toMatchObject({ address: thing('c') })
    expect((await iterator.next()).done).toBe(true)
    await shard.append({ records: [sampleRecord('b', 2)], removed: [] })
    expect(await shard.read(thing('b'))).toEqual(sampleRecord('b', 2))
    await again.close()
  })

  it('of any page ends in a clear error or in nothing wrong, never in a wrong record', async () => {
    const whole = readFileSync(await madeJournal('whole.sqlite', 60))
    const outcomes: string[] = []
    for (let page = 0; page < whole.length; page += 4096) {
      for (const [start, length] of [
        [0, 4096],
        [2_000, 64],
        [8, 4],
      ] as const) {
        const bytes = Buffer.from(whole)
        bytes.fill(0xa5, page + start, page + start + length)
        writeFileSync(scratch('damaged.sqlite'), bytes)
        outcomes.push(await outcomeOf(scratch('damaged.sqlite')))
      }
    }
    expect(new Set(outcomes)).toEqual(new Set(['read', 'told']))
    expect(outcomes.filter((outcome) => outcome === 'told').length).toBeGreaterThan(outcomes.length / 2)
  })
})

/** What becomes of a journal whose file is damaged: everything read is right, or the damage is told. */
async function outcomeOf(path: string): Promise<'read' | 'wrong' | 'told' | 'unclear'> {
  const journal = sqlite(path)
  try {
    for await (const record of (await journal.own('test', 's')).records()) {
      if (!isDeepStrictEqual(record, sampleRecord(`k${record.commit}`, record.commit, FILLING))) return 'wrong'
    }
    return 'read'
  } catch (thrown) {
    return isTroupeError(thrown) && /STORAGE|INCOMPATIBLE/.test(thrown.code) ? 'told' : 'unclear'
  } finally {
    await journal.close()
  }
}
