import { describe, expect, it } from 'vitest'
import { createRuntime, parseAddress } from '../../runtime/index.ts'
import { memory } from '../../transports/memory/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { crashing, looping } from '../support/runtime/crashing-actors.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const counter = counterActor()
const ODD_KEYS = ['a/b/c', '/', '日本語', '🎭', 'a b\tc\n', '*', '>', 'a.b', '%2F', '\'"`', 'k'.repeat(512)]

describe('keys', () => {
  it('may hold any text up to 512 characters, here and on another node', async () => {
    const wire = memory()
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [counter] })
    const far = await createRuntime({ realm: 'r', transport: wire })
    for (const runtime of [host, far]) {
      for (const [by, key] of ODD_KEYS.entries()) {
        const ref = await runtime.spawn(counter, { key })
        expect(parseAddress(ref.address).key).toBe(key)
        await ref.send({ type: 'counter.add', by })
        expect((await runtime.ref(ref.address).state()).context).toMatchObject({
          count: runtime === host ? by : by * 2,
        })
      }
    }
    expect(host.actors()).toHaveLength(ODD_KEYS.length)
    await far.stop()
    await host.stop()
  })

  it('that are none are refused, and say why', async () => {
    const { runtime } = await openRuntime()
    for (const key of ['', 'k'.repeat(513), 7 as never, 'half \ud800 a pair']) {
      expect(await code(runtime.spawn(counter, { key }))).toBe('INVALID_MESSAGE')
    }
    for (const text of ['', 'a', 'a/b', 'a/b/', '1/b/c', 'a/b c/d']) {
      expect(() => runtime.ref(text)).toThrow(/address|cannot name|key/)
    }
  })
})

describe('spawn', () => {
  it('finds who is there, however many spawn one key at once, here and across nodes', async () => {
    const wire = memory()
    const hosts = await Promise.all([1, 2].map(() => createRuntime({ realm: 'r', transport: wire, actors: [counter] })))
    const client = await createRuntime({ realm: 'r', transport: wire })
    const nodes = [...hosts, client]
    const refs = await Promise.all(
      Array.from({ length: 12 }, (_, start) =>
        (nodes[start % 3] ?? client).spawn(counter, { key: 'one', input: { start } }),
      ),
    )
    expect(hosts.flatMap((host) => host.actors())).toEqual(['r/counter/one'])
    await Promise.all(refs.map((ref) => ref.send({ type: 'counter.add', by: 1 })))
    const counts = await Promise.all(refs.map(async (ref) => (await ref.ask({ type: 'counter.get' })).seen.length))
    expect(new Set(counts)).toEqual(new Set([12]))
    for (const node of nodes) await node.stop()
  })

  it('of two definitions under one name is a CONFLICT', async () => {
    const { runtime } = await openRuntime({ actors: [counter] })
    expect(await code(runtime.spawn(counterActor(), { key: 'a' }))).toBe('CONFLICT')
    expect(await code(createRuntime({ actors: [counter, counterActor()] }))).toBe('CONFLICT')
  })

  it('of a machine that cannot start is CRASHED, and nobody was ever there', async () => {
    const wire = memory()
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [crashing, looping] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    for (const node of [host, client]) {
      for (const definition of [crashing, looping]) {
        expect(await code(node.spawn(definition, { key: 'a' }))).toBe('CRASHED')
      }
    }
    expect(host.actors()).toEqual([])
    await client.stop()
    await host.stop()
  })
})

describe('an address without an actor', () => {
  it('is NOT_FOUND on the node that hosts the type, UNAVAILABLE where nobody does', async () => {
    const wire = memory()
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [counter] })
    expect(await code(host.ref(counter, 'nobody').send({ type: 'counter.end' }))).toBe('NOT_FOUND')
    expect(await code(host.ref(counter, 'nobody').ask({ type: 'counter.get' }))).toBe('NOT_FOUND')
    expect(await code(host.ref('r/other/nobody').send({ type: 'x' } as never))).toBe('UNAVAILABLE')
    await host.stop()
  })
})
