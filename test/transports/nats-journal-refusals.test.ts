import { afterEach, expect, it } from 'vitest'
import type { Journal } from '../../runtime/ports/journal.ts'
import { natsJournal, type NatsJournalOptions } from '../../transports/nats/index.ts'
import { collected, sampleRecord, thing } from '../support/conformance/sample-record.ts'
import { type NatsServer, natsServer, type NatsServerOptions } from '../support/nats/nats-server.ts'
import { plainClient } from '../support/nats/plain-client.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function serverWith(options?: NatsServerOptions): Promise<NatsServer> {
  const server = await natsServer(options)
  opened.push(() => server.close())
  return server
}

function journalAt(servers: string, options: NatsJournalOptions = {}): Journal {
  const journal = natsJournal({ servers, patience: '1s', ...options })
  opened.push(() => journal.close())
  return journal
}

async function tell(server: NatsServer, subject: string, body: unknown): Promise<string> {
  const client = await plainClient(server.url)
  const answer = await client.request(subject, typeof body === 'string' ? body : JSON.stringify(body))
  client.close()
  return answer
}

const stream = (server: NatsServer, config: object) =>
  tell(server, '$JS.API.STREAM.CREATE.troupe-test-journal', {
    name: 'troupe-test-journal',
    subjects: ['test.j.*'],
    storage: 'file',
    ...config,
  })

it('says that no server is there', async () => {
  const refused = journalAt('127.0.0.1:1').own('test', 's')
  await expect(refused).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('127.0.0.1:1') })
})

it('refuses a server without JetStream', async () => {
  const { url } = await serverWith({ jetStream: false })
  const refusal = { code: 'INCOMPATIBLE', message: expect.stringContaining('JetStream is off') }
  await expect(journalAt(url).own('test', 's')).rejects.toMatchObject(refusal)
})

it.each([
  ['that is no journal', {}, 'belongs to something else'],
  ['of another realm', { metadata: { 'troupe.realm': 'other' } }, 'belongs to other'],
  ['that forgets', { metadata: { 'troupe.realm': 'test' }, max_msgs: 5 }, 'has max_msgs 5 instead of -1'],
  ['that is kept in memory', { metadata: { 'troupe.realm': 'test' }, storage: 'memory' }, 'has storage "memory"'],
  ['without atomic batches', { metadata: { 'troupe.realm': 'test' }, allow_direct: true }, 'has allow_atomic'],
])('refuses a stream %s, and leaves it as it is', async (_, config, why) => {
  const server = await serverWith()
  const made = await stream(server, config)
  const refusal = { code: 'INCOMPATIBLE', where: 'troupe-test-journal', message: expect.stringContaining(why) }
  await expect(journalAt(server.url).own('test', 's')).rejects.toMatchObject(refusal)
  const configOf = (info: string) => (JSON.parse(info) as { config: unknown }).config
  expect(configOf(await tell(server, '$JS.API.STREAM.INFO.troupe-test-journal', ''))).toEqual(configOf(made))
})

it('has nothing to look at before there is a journal, and makes none', async () => {
  const server = await serverWith()
  const refusal = { code: 'STORAGE', message: expect.stringContaining('there is no journal yet') }
  await expect(journalAt(server.url).view('test')).rejects.toMatchObject(refusal)
  expect(await tell(server, '$JS.API.STREAM.INFO.troupe-test-journal', '')).toContain('stream not found')
})

it('refuses a log with something else in it, and names the message', async () => {
  const server = await serverWith()
  const shard = await journalAt(server.url).own('test', 's')
  await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
  await tell(server, 'test.j.s', 'this is no segment of a journal, by far')
  await expect(shard.append({ records: [sampleRecord('a', 2)], removed: [] })).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  const other = journalAt(server.url)
  const named = expect.stringMatching(/^message \d+ of troupe-test-journal/)
  await expect(other.own('test', 's')).rejects.toMatchObject({ code: 'INCOMPATIBLE', where: named })
  const view = await other.view('test')
  await expect(collected(view.records())).rejects.toMatchObject({ where: named })
  await expect(other.own('test', 'another')).resolves.toMatchObject({ shard: 'another' })
})

it('refuses a log with a damaged message in it for good, and names the message', async () => {
  const server = await serverWith()
  const shard = await journalAt(server.url).own('test', 's')
  await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
  await tell(server, 'test.j.s', '\u0001 of this format, and not what its checksum says')
  const refusal = { code: 'STORAGE', retryable: false, where: expect.stringContaining('message ') }
  await expect(journalAt(server.url).own('test', 's')).rejects.toMatchObject(refusal)
})

it('an owner does not go on with a stream that was taken from under it, made anew or not', async () => {
  const server = await serverWith()
  const shard = await journalAt(server.url).own('test', 's')
  await shard.append({ records: [sampleRecord('a', 1)], removed: [] })
  await tell(server, '$JS.API.STREAM.DELETE.troupe-test-journal', '')
  const next = await journalAt(server.url).own('test', 's')
  expect(next.epoch).toBeGreaterThan(shard.epoch)
  await next.append({ records: [sampleRecord('b', 1)], removed: [] })
  await expect(shard.append({ records: [sampleRecord('a', 2)], removed: [] })).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  await tell(server, '$JS.API.STREAM.DELETE.troupe-test-journal', '')
  await expect(next.append({ records: [sampleRecord('b', 2)], removed: [] })).rejects.toMatchObject({ code: 'STORAGE' })
  await expect(next.read(thing('b'))).rejects.toMatchObject({ code: 'STORAGE' })
})

it('refuses a durability that there is not', () => {
  const options = { durability: 'D3' } as unknown as NatsJournalOptions
  expect(() => natsJournal(options)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE', where: 'durability' }))
})
