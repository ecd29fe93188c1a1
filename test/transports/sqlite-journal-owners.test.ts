import { symlinkSync } from 'node:fs'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type SqliteOptions, sqlite } from '../../transports/sqlite/index.ts'
import { collected, sampleRecord, thing } from '../support/conformance/sample-record.ts'
import { type JournalWorker, journalWorker } from '../support/transports/journal-worker.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()
const workers: JournalWorker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill()))
})

function worker(path: string, options?: SqliteOptions): JournalWorker {
  const started = journalWorker(path, options)
  workers.push(started)
  return started
}

describe('two processes on one file', () => {
  it('cannot both own it: the second is told who does, and what to do', async () => {
    const path = scratch('runs.sqlite')
    const [first, second] = [worker(path), worker(path)]
    expect(await first.tell('own')).toEqual({ value: 1 })
    const { error } = await second.tell('own')
    expect(error).toMatchObject({ code: 'CONFLICT', where: path, hint: expect.stringContaining('takeOver') })
    expect(error?.message).toMatch(/runs\.sqlite is owned by process \d+ on /)
    expect(await first.tell('append 1')).toEqual({ value: 1 })
    await first.tell('close')
    expect(await second.tell('own')).toEqual({ value: 2 })
  })

  it('may both look at it, while one of them writes', async () => {
    const path = scratch('runs.sqlite')
    const [first, second] = [worker(path), worker(path)]
    await first.tell('own')
    await first.tell('append 1')
    expect(await second.tell('view')).toEqual({ value: [1, 1, 1, 1, 1] })
    await first.tell('append 2')
    expect(await second.tell('view')).toEqual({ value: [2, 2, 2, 2, 2, 2] })
    await first.tell('append 3')
    expect(await second.tell('view')).toEqual({ value: [3, 3, 3, 3, 3] })
  })

  it('is owned by the next at once when its owner is killed', async () => {
    const path = scratch('runs.sqlite')
    const first = worker(path)
    await first.tell('own')
    await first.tell('append 1')
    await first.kill()
    const second = worker(path)
    expect(await second.tell('view')).toEqual({ value: [1, 1, 1, 1, 1] })
    expect(await second.tell('own')).toEqual({ value: 2 })
    expect(await second.tell('view')).toEqual({ value: [1, 1, 1, 1, 1] })
  })

  it('has exactly one owner of many that race for a file which is not there yet', async () => {
    const racers = Array.from({ length: 4 }, () => worker(scratch('runs.sqlite')))
    const answers = await Promise.all(racers.map((racer) => racer.tell('own')))
    expect(answers.map(({ error }) => error?.code ?? 'owned').sort()).toEqual([
      'CONFLICT',
      'CONFLICT',
      'CONFLICT',
      'owned',
    ])
  })

  it('can be taken over from an owner that stands still, which cannot commit when it goes on', async () => {
    const path = scratch('runs.sqlite')
    const [first, second] = [worker(path), worker(path, { takeOver: true })]
    await first.tell('own')
    await first.tell('append 1')
    first.signal('SIGSTOP')
    expect(await second.tell('own')).toEqual({ value: 2 })
    expect(await second.tell('append 2')).toEqual({ value: 2 })
    const late = first.tell('append 3')
    first.signal('SIGCONT')
    expect(await late).toMatchObject({ error: { code: 'CONFLICT', where: 's' } })
    expect(await second.tell('append 4')).toEqual({ value: 4 })
    expect(await first.tell('append 5')).toMatchObject({ error: { code: 'CONFLICT' } })
    expect(await second.tell('view')).toEqual({ value: [4, 4, 4, 4, 4, 4] })
  })
})

describe('two journals of one process on one file', () => {
  it('cannot both own it, under whatever names', async () => {
    const path = scratch('runs.sqlite')
    const [first, second] = [sqlite(path), sqlite(scratch('link.sqlite'))]
    await first.own('test', 's')
    symlinkSync(path, scratch('link.sqlite'))
    await expect(second.own('test', 's')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(sqlite(path).own('test', 's')).rejects.toMatchObject({ code: 'CONFLICT' })
    await first.close()
    await second.own('test', 's')
    await second.close()
  })

  it('each let one owner at a shard, who comes back after it has lost it and gives the file back with its last hold', async () => {
    const path = scratch('runs.sqlite')
    const journal = sqlite(path)
    const first = await journal.own('test', 's')
    await expect(journal.own('test', 's')).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.any(String) })
    await first.append({ records: [sampleRecord('a', 1)], removed: [] })
    const again = await journal.own('test', 's', { after: first.epoch })
    await expect(first.append({ records: [], removed: [] })).rejects.toMatchObject({ code: 'CONFLICT' })
    await first.release()
    await again.append({ records: [sampleRecord('a', 2)], removed: [] })
    await expect(sqlite(path).own('test', 's')).rejects.toMatchObject({ code: 'CONFLICT' })
    await again.release()
    const next = sqlite(path)
    expect((await (await next.own('test', 's')).read(thing('a')))?.commit).toBe(2)
    await next.close()
    const last = await journal.own('test', 's')
    await last.release()
  })

  it('hand the hold on: who took the file over has it when the former owner lets go', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const path = scratch('runs.sqlite')
    const [former, heir, third] = [sqlite(path), sqlite(path, { takeOver: true }), sqlite(path)]
    await former.own('test', 's')
    const shard = await heir.own('test', 's')
    await former.close()
    vi.advanceTimersByTime(1_000)
    await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
    await expect(third.own('test', 's')).rejects.toMatchObject({ code: 'CONFLICT' })
    await heir.close()
    await (await third.own('test', 's')).release()
  })

  it('leaves the hold of one alone when the other comes and goes', async () => {
    const path = scratch('runs.sqlite')
    const owner = sqlite(path)
    const shard = await owner.own('test', 's')
    await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
    const other = sqlite(path)
    expect(await collected((await other.view('test')).records())).toHaveLength(1)
    await expect(other.own('test', 's')).rejects.toMatchObject({ code: 'CONFLICT' })
    await other.close()
    expect(await worker(path).tell('own')).toMatchObject({ error: { code: 'CONFLICT' } })
    await owner.close()
  })
})
