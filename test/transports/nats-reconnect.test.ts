import { describe, expect, it } from 'vitest'
import { code, pause, until } from '../support/runtime/outcome.ts'
import { bytes, natsStage, soon, text, thing } from '../support/nats/nats-stage.ts'

const stage = natsStage()

/** Tries until it succeeds, five seconds at most. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 5_000; ; await pause(20)) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

describe('when the server is killed and starts again', () => {
  it('connections come back, addresses are where they were, and topics are heard', async () => {
    const server = await stage.server()
    const host = await stage.join({ servers: server.url }, { types: ['thing'] })
    const asker = await stage.join({ servers: server.url })
    await host.link.claim(thing('k'))
    const heard: string[] = []
    await asker.link.subscribe(['event', 'x'], (frame) => heard.push(text(frame)))
    await asker.link.request(thing('k'), bytes('1'), soon())
    await server.kill()
    await pause(300)
    await server.restart()
    expect(text(await eventually(() => asker.link.request(thing('k'), bytes('2'), soon())))).toBe(`${host.id}:2`)
    expect(await code(asker.link.claim(thing('k')))).toBe('CONFLICT')
    await host.link.publish(['event', 'x'], bytes('again'))
    await until(() => heard.length > 0)
    expect(heard).toEqual(['again'])
    expect(host.statuses.map(({ kind }) => kind)).toEqual(['disconnected', 'connected'])
  })

  it('with an empty store, the directory is made anew and every node claims its own again', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '2s' } as const
    const host = await stage.join(options, { types: ['thing'] })
    const asker = await stage.join(options)
    const keys = Array.from({ length: 200 }, (_, n) => `k${n}`)
    await Promise.all(keys.map((key) => host.link.claim(thing(key))))
    await server.kill()
    await server.restart({ wiped: true })
    await until(() => host.statuses.some(({ kind }) => kind === 'lease-lost'))
    for (const key of keys) {
      expect(text(await eventually(() => asker.link.request(thing(key), bytes('x'), soon())))).toBe(`${host.id}:x`)
      expect(await code(asker.link.claim(thing(key)))).toBe('CONFLICT')
    }
  })

  it('with a disk that has lost the last claims, their node notices and claims them again', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '3s' } as const
    const [host, other] = [await stage.join(options), await stage.join(options)]
    await host.link.claim(thing('kept'))
    await server.stop()
    server.save()
    await server.restart()
    const keys = Array.from({ length: 20 }, (_, n) => `lost${n}`)
    await eventually(() => host.link.claim(thing('lost0')))
    await Promise.all(keys.map((key) => host.link.claim(thing(key))))
    await server.kill()
    await server.restart({ saved: true })
    await until(() => host.statuses.some(({ kind }) => kind === 'lease-lost'))
    await pause(200)
    for (const key of ['kept', ...keys]) {
      expect(await code(other.link.claim(thing(key)))).toBe('CONFLICT')
      expect(text(await other.link.request(thing(key), bytes('x'), soon()))).toBe(`${host.id}:x`)
    }
  })

  it('after longer than the leases, no node takes what another had, however soon it tries', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s', patience: '20s' } as const
    const [host, other] = [await stage.join(options), await stage.join(options)]
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`)
    await Promise.all(keys.map((key) => host.link.claim(thing(key))))
    await server.kill()
    await pause(1_500)
    const tried = Promise.all(keys.map((key) => code(other.link.claim(thing(key)))))
    await server.restart()
    expect(new Set(await tried)).toEqual(new Set(['CONFLICT']))
    expect(host.statuses.map(({ kind }) => kind)).not.toContain('claim-lost')
  })

  it('after longer than the leases, addresses are claimed again, and requests of meanwhile have failed', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s', patience: '300ms' } as const
    const host = await stage.join(options, { types: ['thing'] })
    const asker = await stage.join(options)
    await host.link.claim(thing('k'))
    await server.kill()
    const meanwhile = [
      asker.link.request(thing('k'), bytes('x'), soon()),
      asker.link.post(host.id, bytes('x')),
      asker.link.publish(['event', 'x'], bytes('x')),
      asker.link.claim(thing('other')),
      asker.link.subscribe(['event', 'x'], () => {}),
    ]
    expect(await Promise.all(meanwhile.map(code))).toEqual(meanwhile.map(() => 'UNAVAILABLE'))
    await pause(1_500)
    await server.restart()
    expect(text(await eventually(() => asker.link.request(thing('k'), bytes('2'), soon())))).toBe(`${host.id}:2`)
    await eventually(async () => expect(await code(asker.link.claim(thing('k')))).toBe('CONFLICT'))
    expect(host.taken).toEqual([])
  })
})

describe('without a connection', () => {
  it('what is sent waits for it, and arrives in the order it was sent', async () => {
    const server = await stage.server()
    const seen: string[] = []
    const host = await stage.join(
      { servers: server.url },
      {
        types: ['thing'],
        handle: async (frame) => {
          seen.push(text(frame))
          return frame
        },
      },
    )
    const asker = await stage.join({ servers: server.url })
    await host.link.claim(thing('k'))
    await asker.link.request(thing('k'), bytes('first'), soon())
    await server.kill()
    await until(() => asker.statuses.length > 0)
    const numbers = Array.from({ length: 200 }, (_, n) => String(n))
    const sent = numbers.map((n) => asker.link.request(thing('k'), bytes(n), soon()))
    const posted = numbers.map((n) => asker.link.post(host.id, bytes(n)))
    await server.restart()
    const outcomes = await Promise.all(sent.map(code))
    const posts = await Promise.all(posted.map(code))
    await pause(50)
    // The host may be back later than the asker: what it then misses is an error to the asker.
    expect(outcomes.every((outcome) => ['none', 'UNAVAILABLE'].includes(outcome))).toBe(true)
    expect(seen.slice(1)).toEqual(numbers.filter((_, n) => outcomes[n] === 'none'))
    expect(posts).toEqual(numbers.map(() => 'none'))
    expect(host.taken).toEqual(host.taken.toSorted((a, b) => Number(a) - Number(b)))
  })

  it('no more waits than the outbox holds: the rest is OVERLOADED at once', async () => {
    const server = await stage.server()
    const { link, statuses } = await stage.join({ servers: server.url, outboxBytes: 100_000, patience: '1s' })
    await server.kill()
    await until(() => statuses.length > 0)
    const outcomes = Array.from({ length: 50 }, () => code(link.post('far', new Uint8Array(10_000))))
    expect((await Promise.all(outcomes)).toSorted()).toEqual([
      ...Array.from({ length: 41 }, () => 'OVERLOADED'),
      ...Array.from({ length: 9 }, () => 'UNAVAILABLE'),
    ])
  })

  it('a server that stands still lets no more pile up either', async () => {
    const server = await stage.server()
    const { link } = await stage.join({ servers: server.url, outboxBytes: 4_000_000 })
    server.signal('SIGSTOP')
    const outcomes = Array.from({ length: 100 }, () => code(link.post('far', new Uint8Array(100_000))))
    await pause(50)
    server.signal('SIGCONT')
    const all = await Promise.all(outcomes)
    expect(all.filter((outcome) => outcome === 'OVERLOADED').length).toBeGreaterThan(50)
    expect(all.filter((outcome) => outcome === 'none').length).toBeGreaterThan(30)
  })

  it('closing ends at once', async () => {
    const server = await stage.server()
    const { link } = await stage.join({ servers: server.url })
    await link.claim(thing('k'))
    await server.kill()
    await pause(50)
    const before = Date.now()
    await link.close()
    expect(Date.now() - before).toBeLessThan(500)
  })
})

it('no request is done twice or left open, however often the server goes', async () => {
  const server = await stage.server()
  const done: string[] = []
  const host = await stage.join(
    { servers: server.url, lease: '2s' },
    {
      types: ['thing'],
      handle: async (frame) => {
        done.push(text(frame))
        return frame
      },
    },
  )
  const asker = await stage.join({ servers: server.url, lease: '2s' })
  await host.link.claim(thing('k'))
  const outcomes: Promise<string>[] = []
  const timer = setInterval(() => {
    for (let n = 0; n < 20; n++) {
      outcomes.push(code(asker.link.request(thing('k'), bytes(String(outcomes.length)), soon(3_000))))
    }
  }, 1)
  for (let round = 0; round < 3; round++) {
    await pause(200)
    await server.kill()
    await pause(100)
    await server.restart()
  }
  await eventually(() => asker.link.request(thing('k'), bytes(`last ${Date.now()}`), soon(200)))
  clearInterval(timer)
  const all = await Promise.all(outcomes)
  const answered = all.filter((outcome) => outcome === 'none').length
  expect(all.filter((outcome) => !['none', 'TIMEOUT', 'UNAVAILABLE'].includes(outcome))).toEqual([])
  expect(answered).toBeGreaterThan(100)
  expect(done.length).toBeGreaterThanOrEqual(answered)
  expect(new Set(done).size).toBe(done.length)
})
