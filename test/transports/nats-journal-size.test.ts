import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from 'vitest'
import { memoryJournal } from '../../transports/memory/index.ts'
import type { CommitBatch, Journal, JournalView, ShardJournal } from '../../runtime/ports/journal.ts'
import { natsJournal } from '../../transports/nats/index.ts'
import { collected, sampleLetter, sampleRecord, thing } from '../support/conformance/sample-record.ts'
import { type NatsServer, natsServer } from '../support/nats/nats-server.ts'
import { type PlainClient, plainClient } from '../support/nats/plain-client.ts'

const MEGABYTE = 1 << 20
let server: NatsServer
let client: PlainClient
let journal: Journal
beforeAll(async () => {
  server = await natsServer()
  client = await plainClient(server.url)
})
afterAll(async () => {
  client.close()
  await server.close()
})
beforeEach(() => {
  journal = natsJournal({ servers: server.url })
})
afterEach(async () => {
  await journal.close()
  await client.request('$JS.API.STREAM.DELETE.troupe-test-journal', '')
})

async function streamBytes(): Promise<number> {
  const info = await client.request('$JS.API.STREAM.INFO.troupe-test-journal', '')
  return (JSON.parse(info) as { state: { bytes: number } }).state.bytes
}

/** A generator of numbers below `most` that gives the same ones each time. */
function numbers(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

function anyBatch(any: (most: number) => number, turn: number, bytes: number): CommitBatch {
  const keys = new Set(Array.from({ length: 1 + any(4) }, () => `k${any(3) === 0 ? any(400) : any(10)}`))
  const gone = [...keys].filter(() => any(6) === 0)
  for (const key of gone) keys.delete(key)
  const facts = () => ({
    input: 'x'.repeat(any(bytes)),
    wake: any(3) === 0 ? any(1_000) : null,
    ...(any(10) === 0 ? { ended: { at: 1, until: any(1_000) } } : {}),
  })
  return {
    records: [...keys].map((key) => sampleRecord(key, turn, facts())),
    removed: gone.map((key) => thing(key)),
    letters: any(2) === 0 ? [sampleLetter(`l${any(500)}`, turn)] : [],
    buried: any(3) === 0 ? [`l${any(500)}`] : [],
  }
}

async function contents(view: JournalView): Promise<unknown> {
  return { records: await collected(view.records()), letters: await collected(view.letters()) }
}

async function wakes(shard: ShardJournal): Promise<readonly unknown[]> {
  return (await collected(shard.wakes())).map(({ address, wake }) => `${wake} ${address}`).sort()
}

it.each([1, 2, 3])(
  'holds what a journal in memory holds, while its log is compacted again and again (%s)',
  async (seed) => {
    const any = numbers(seed)
    const model = await memoryJournal().own('test', 's')
    let shard = await journal.own('test', 's')
    const view = await journal.view('test')
    let written = 0
    for (let turn = 1; turn <= 900; ) {
      for (const end = turn + 90; turn < end; turn++) {
        const batch = anyBatch(any, turn, 60_000)
        written += batch.records.reduce((sum, { input }) => sum + String(input).length, 0)
        await Promise.all([model.append(batch), shard.append(batch)])
        const key = thing(`k${any(400)}`)
        expect(await shard.read(key)).toEqual(await model.read(key))
      }
      expect(await shard.expire(turn / 9)).toBe(await model.expire(turn / 9))
      expect(await contents(view)).toEqual(await contents(model))
      if (any(2) === 0) shard = await journal.own('test', 's', { after: shard.epoch })
    }
    expect(written).toBeGreaterThan(30 * MEGABYTE)
    expect(await contents(shard)).toEqual(await contents(model))
    await journal.close()
    journal = natsJournal({ servers: server.url })
    const again = await journal.own('test', 's')
    expect(await contents(again)).toEqual(await contents(model))
    expect(await wakes(again)).toEqual(await wakes(model))
    const live = (await collected(model.records())).reduce((sum, { input }) => sum + String(input).length, 0)
    expect(await streamBytes()).toBeLessThan(2 * live + 7 * MEGABYTE)
  },
)

it('a log stays in proportion to what lives in it, however often that is written, and what is rarely written stays', async () => {
  const shard = await journal.own('test', 's')
  const cold = Array.from({ length: 200 }, (_, at) => sampleRecord(`cold${at}`, 1, { input: 'x'.repeat(5_000) }))
  await shard.append({ records: cold, removed: [] })
  for (let turn = 1; turn <= 4_000; turn++) {
    const hot = sampleRecord(`hot${turn % 20}`, turn, { input: 'x'.repeat(10_000) })
    await shard.append({ records: [hot], removed: [], letters: [sampleLetter(`l${turn}`)], buried: [`l${turn - 5}`] })
  }
  expect(await streamBytes()).toBeLessThan(8 * MEGABYTE)
  const owned = await (async () => {
    await journal.close()
    journal = natsJournal({ servers: server.url })
    return journal.own('test', 's')
  })()
  const records = await collected(owned.records())
  expect(records.slice(0, 200)).toEqual(cold)
  expect(records.slice(200).map(({ commit }) => commit)).toEqual(Array.from({ length: 20 }, (_, at) => 3_981 + at))
})

it('lets who only looks see each actor, while its log is compacted', async () => {
  const shard = await journal.own('test', 's')
  const keys = Array.from({ length: 50 }, (_, at) => `k${at}`)
  await shard.append({ records: keys.map((key) => sampleRecord(key, 0)), removed: [] })
  const looker = natsJournal({ servers: server.url })
  const view = await looker.view('test')
  let over = false
  const looks = (async () => {
    for (let looks = 0; ; looks++) {
      const seen = await collected(view.records())
      const lasting = seen.map(({ address }) => address).filter((address) => address !== thing('brief'))
      expect(lasting.sort()).toEqual(keys.map((key) => thing(key)).sort())
      if (over) return looks
    }
  })()
  for (let turn = 1; turn <= 1_500; turn++) {
    const records = [sampleRecord(keys[turn % 50] ?? '', turn, { input: 'x'.repeat(20_000) })]
    // Here and gone: it must not come back.
    const brief = sampleRecord('brief', turn)
    await shard.append(
      turn % 2 ? { records: [...records, brief], removed: [] } : { records, removed: [thing('brief')] },
    )
    if (turn % 2) await shard.append({ records: [], removed: [thing('brief')] })
  }
  over = true
  expect(await looks).toBeGreaterThan(5)
  await looker.close()
})
