import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { nats, type NatsOptions } from '../../transports/nats/index.ts'
import { code, pause, until } from '../support/runtime/outcome.ts'
import { bytes, natsStage, soon, text, thing } from '../support/nats/nats-stage.ts'
import { plainClient } from '../support/nats/plain-client.ts'

const stage = natsStage()
const fakes: Server[] = []
afterEach(() => {
  for (const fake of fakes.splice(0)) fake.close()
})

/** A server that says it is of a version, and nothing else. */
function fakeServer(version: string): Promise<string> {
  return new Promise((resolve) => {
    const fake = createServer((socket) => {
      const info = {
        server_id: 'x',
        version,
        headers: true,
        max_payload: 1_000_000,
        proto: 1,
        host: '',
        port: 0,
        go: '',
      }
      socket.on('error', () => {})
      socket.write(`INFO ${JSON.stringify(info)}\r\n`)
      socket.on('data', (data) => String(data).includes('PING') && socket.write('PONG\r\n'))
    })
    fakes.push(fake.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(fake.address() as { port: number }).port}`)))
  })
}

describe('joining says who must act when', () => {
  it('no server is there', async () => {
    await expect(stage.join({ servers: '127.0.0.1:1' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      where: '127.0.0.1:1',
      hint: expect.stringContaining('nats-server -js'),
    })
  })

  it('JetStream is off', async () => {
    const { url } = await stage.server({ jetStream: false })
    await expect(stage.join({ servers: url })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringContaining('JetStream is off'),
      hint: expect.stringContaining('-js'),
    })
  })

  it('the server is too old', async () => {
    await expect(stage.join({ servers: await fakeServer('2.10.27') })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringContaining('is 2.10.27: 2.12 is needed'),
    })
  })

  it('the credentials are wrong, or there are none', async () => {
    const { url } = await stage.server({ config: 'authorization: { token: "secret" }' })
    for (const options of [{ token: 'guess' }, {}, { user: 'ann', password: 'x' }]) {
      await expect(stage.join({ servers: url, ...options })).rejects.toMatchObject({ code: 'FORBIDDEN', where: url })
    }
    await stage.join({ servers: url, token: 'secret' })
  })

  it('a nkey is none', async () => {
    const { url } = await stage.server()
    const guess = stage.join({ servers: url, nkey: 'SUAGUESS' })
    await expect(guess).rejects.toMatchObject({ code: 'INVALID_MESSAGE', where: 'nkey' })
  })

  it('a file of credentials is not there', async () => {
    const { url } = await stage.server()
    await expect(stage.join({ servers: url, credentials: '/none/here.creds' })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      where: '/none/here.creds',
    })
  })

  it('the stream of the directory is another', async () => {
    const { url } = await stage.server()
    const client = await plainClient(url)
    const stream = { name: 'troupe-realm-directory', subjects: ['realm.directory.>'], storage: 'memory', max_age: 5e9 }
    await client.request('$JS.API.STREAM.CREATE.troupe-realm-directory', JSON.stringify(stream))
    client.close()
    await expect(stage.join({ servers: url })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringContaining('storage "memory" instead of "file"'),
    })
  })

  it.each([
    [{ servers: [] }, 'servers'],
    [{ lease: '500ms' }, 'lease'],
    [{ replicas: 2 as never }, 'replicas'],
    [{ outboxBytes: Number.NaN }, 'outboxBytes'],
    [{ token: 'a', user: 'b' }, 'token and user'],
  ] satisfies [NatsOptions, string][])('an option is wrong: %j', (options, where) => {
    expect(() => nats(options)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE', where }))
  })
})

describe('subjects that the account may not use', () => {
  const account = (deny: string): string =>
    `authorization: { users: [{ user: u, password: p, permissions: { ${deny} } }, { user: all, password: p }] }`
  const guest = { user: 'u', password: 'p' }

  it('are FORBIDDEN to who sends there, at once', async () => {
    const { url } = await stage.server({
      config: account('publish: { deny: ["realm.type.thing", "realm.topic.secret.>"] }'),
    })
    await stage.join({ servers: url, user: 'all', password: 'p' }, { types: ['thing'] })
    const { link, statuses } = await stage.join({ servers: url, ...guest })
    expect(await code(link.request(thing('k'), bytes('x'), soon()))).toBe('FORBIDDEN')
    expect(await code(link.publish(['secret', 'x'], bytes('x')))).toBe('FORBIDDEN')
    expect(await code(link.publish(['open', 'x'], bytes('x')))).toBe('none')
    expect(statuses.map(({ kind }) => kind)).toContain('refused')
  })

  it('are FORBIDDEN to who listens there', async () => {
    const { url } = await stage.server({
      config: account('subscribe: { deny: ["realm.topic.secret.>", "realm.type.x"] }'),
    })
    const { link } = await stage.join({ servers: url, ...guest })
    expect(await code(link.subscribe(['secret', 'x'], () => {}))).toBe('FORBIDDEN')
    expect(await code(stage.join({ servers: url, ...guest }, { types: ['x'] }))).toBe('FORBIDDEN')
  })
})

describe('what is no frame of ours', () => {
  it('is answered with what it is, reported, and harms nobody', async () => {
    const { url } = await stage.server()
    const host = await stage.join({ servers: url }, { types: ['thing'] })
    const asker = await stage.join({ servers: url })
    await host.link.claim(thing('k'))
    const heard: string[] = []
    await asker.link.subscribe(['event', 'x'], (frame) => heard.push(text(frame)))
    const client = await plainClient(url)
    const reader = (subject: string) => client.request(subject, '{"type":"hello"}')
    expect(await reader('realm.type.thing')).toContain('INVALID_MESSAGE')
    expect(await reader(`realm.node.${host.id}`)).toContain('is not from a node')
    const frames = [
      '',
      'T',
      'T\x01',
      'T\x01\x63',
      'T\x01\x00\xff',
      'T\x01\x03{',
      'T\x01\x07"x"',
      'T\x01\x01',
      'x'.repeat(9_999),
    ]
    for (const frame of frames) {
      for (const subject of [
        'realm.all',
        `realm.node.${host.id}`,
        `realm.answer.${asker.id}.1`,
        'realm.topic.event.x',
      ]) {
        await client.publish(subject, frame)
      }
    }
    expect(await client.request('realm.type.thing', 'T\x02\x00')).toContain('wire version 2')
    client.close()
    expect(text(await asker.link.request(thing('k'), bytes('x'), soon()))).toBe(`${host.id}:x`)
    await host.link.publish(['event', 'x'], bytes('real'))
    await until(() => heard.includes('real'))
    expect(heard.filter((frame) => frame !== '')).toEqual(['real'])
    expect(host.statuses.filter(({ kind }) => kind === 'foreign').length).toBeGreaterThan(5)
    expect(asker.statuses.filter(({ kind }) => kind === 'foreign').length).toBeGreaterThan(5)
  })
})

describe('a frame that is too large for the servers', () => {
  it('is refused where it is sent, each way, and the connection stays', async () => {
    const { url } = await stage.server({ config: 'max_payload: 20000' })
    const host = await stage.join({ servers: url }, { types: ['thing'], handle: async () => new Uint8Array(30_000) })
    const asker = await stage.join({ servers: url })
    await host.link.claim(thing('k'))
    const large = new Uint8Array(20_000)
    const refused = [
      asker.link.request(thing('k'), large, soon()),
      asker.link.request(thing('k'), bytes('x'), soon()),
      asker.link.post(host.id, large),
      asker.link.publish(['event', 'x'], large),
    ]
    expect(await Promise.all(refused.map(code))).toEqual(refused.map(() => 'LIMIT_EXCEEDED'))
    await asker.link.post(host.id, new Uint8Array(19_000))
    await pause(20)
    expect([host.taken.length, ...asker.statuses, ...host.statuses]).toEqual([1])
  })
})
