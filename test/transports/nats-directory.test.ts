import { describe, expect, it } from 'vitest'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { openClaimDirectory } from '../../transports/nats/claim-directory.ts'
import type { MuxCall, RequestMux } from '../../transports/nats/request-mux.ts'
import { code, pause } from '../support/runtime/outcome.ts'
import { natsStage, thing } from '../support/nats/nats-stage.ts'
import { plainClient } from '../support/nats/plain-client.ts'

const stage = natsStage()
const STREAM = 'troupe-realm-directory'

async function entries(url: string): Promise<number> {
  const client = await plainClient(url)
  const info = await client.request(`$JS.API.STREAM.INFO.${STREAM}`, '')
  client.close()
  return (JSON.parse(info) as { state: { messages: number } }).state.messages
}

describe('the directory', () => {
  it('forgets what was given back, and what dead nodes have left', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s' } as const
    const node = await stage.node('far', options)
    await node.tell('claims 300')
    await node.tell('claim back')
    await node.tell('release back')
    expect(await entries(server.url)).toBeGreaterThan(300)
    await node.kill()
    const { link } = await stage.join(options)
    await link.claim(thing('mine'))
    for (let tries = 0; tries < 100 && (await entries(server.url)) > 3; tries++) await pause(100)
    expect(await entries(server.url)).toBe(3)
    expect(await code((await stage.join(options)).link.claim(thing('mine')))).toBe('CONFLICT')
  })

  it('has one holder an address, however many nodes and calls contend for it', async () => {
    const server = await stage.server()
    const nodes = await Promise.all(Array.from({ length: 4 }, () => stage.join({ servers: server.url })))
    const holders = new Map<string, number>()
    const turns = nodes.map(async ({ link }) => {
      for (let round = 0; round < 200; round++) {
        const key = `k${round % 5}`
        if ((await code(link.claim(thing(key)))) !== 'none') continue
        holders.set(key, (holders.get(key) ?? 0) + 1)
        expect(holders.get(key)).toBe(1)
        await pause(0)
        expect(holders.get(key)).toBe(1)
        holders.set(key, 0)
        link.release(thing(key))
      }
    })
    await Promise.all(turns)
  })

  it('lets a node claim, release and claim again without a pause', async () => {
    const server = await stage.server()
    const [a, b] = [await stage.join({ servers: server.url }), await stage.join({ servers: server.url })]
    for (let round = 0; round < 50; round++) {
      const claimed = [a.link.claim(thing('k')), a.link.claim(thing('k'))]
      await Promise.all(claimed)
      a.link.release(thing('k'))
      const again = a.link.claim(thing('k'))
      a.link.release(thing('k'))
      await again
    }
    await a.link.claim(thing('k'))
    expect(await code(b.link.claim(thing('k')))).toBe('CONFLICT')
  })

  it('takes ten thousand claims at once', async () => {
    const server = await stage.server()
    const { link, statuses } = await stage.join({ servers: server.url })
    const keys = Array.from({ length: 10_000 }, (_, n) => `k${n}`)
    await Promise.all(keys.map((key) => link.claim(thing(key))))
    for (const key of keys) link.release(thing(key))
    await link.claim(thing('k9999'))
    expect(statuses).toEqual([])
  })

  it('sends no more at a time than the servers take in, and a lease before all that waits', async () => {
    const open: MuxCall[] = []
    const mux: RequestMux = {
      send: (call) => void open.push(call),
      settle: () => true,
      call: () => undefined,
      calls: () => open,
      close() {},
    }
    const directory = openClaimDirectory(mux, 'stream', async () => {})
    const claims = Array.from({ length: 2_000 }, (_, n) => code(directory.put(`claim${n}`, '', { expected: 0 })))
    const lease = code(directory.put('lease', '', { expected: 0, isUrgent: true }))
    await pause(10)
    expect(open.length).toBeLessThan(1_000)
    expect(open.at(-1)?.subject).toBe('lease')
    const failure = new TroupeError('STORAGE', 'enough')
    for (let call = open.shift(); call; call = open.shift()) {
      call.caller.failed(call, failure)
      if (open.length === 0) await pause(1)
    }
    expect(new Set(await Promise.all([...claims, lease]))).toEqual(new Set(['STORAGE']))
  })
})
