import { afterEach, describe, expect, it } from 'vitest'
import { createRuntime, type Runtime, type RuntimeOptions } from '../../runtime/index.ts'
import { desk, type DeskContract } from '../support/runtime/desk-actor.ts'
import { code, pause, until } from '../support/runtime/outcome.ts'
import type { TransportUnderTest } from './transport.conformance.ts'

/** Where a scenario runs: who acts, and who hosts. Alone they are one. */
interface Stage {
  readonly actor: Runtime
  readonly host: Runtime
}

/** The same scenarios on one node, on one node through the codec, and between two nodes of a transport. */
export function runtimeScenarios(name: string, make: () => Promise<TransportUnderTest>): void {
  const opened: (() => Promise<unknown>)[] = []
  const open = async (options: RuntimeOptions): Promise<Runtime> => {
    const runtime = await createRuntime({ realm: 'stage', ...options })
    opened.push(() => runtime.stop({ drain: 0 }))
    return runtime
  }
  const stages: Readonly<Record<string, () => Promise<Stage>>> = {
    'one node': async () => {
      const host = await open({ actors: [desk] })
      return { actor: host, host }
    },
    'one node through the codec': async () => {
      const host = await open({ actors: [desk], forceCodec: true })
      return { actor: host, host }
    },
    [`two nodes over ${name}`]: async () => {
      const wire = await make()
      opened.push(() => wire.close())
      const host = await open({ transport: wire.transport(), actors: [desk] })
      return { host, actor: await open({ transport: wire.transport() }) }
    },
  }

  for (const [where, setStage] of Object.entries(stages)) {
    describe(`on ${where}`, () => {
      afterEach(async () => {
        for (const close of opened.splice(0).reverse()) await close()
      })

      async function spawned(key = 'd/1 ✓') {
        const stage = await setStage()
        return { ...stage, ref: await stage.actor.spawn(desk, { key, input: { owner: 'ann' } }) }
      }

      it('spawn starts on the host, and finds on the second call', async () => {
        const { host, actor, ref } = await spawned()
        expect(host.actors()).toEqual([ref.address])
        await ref.send({ type: 'desk.put', item: 'pen' })
        const again = await actor.spawn(desk, { key: 'd/1 ✓', input: { owner: 'bob' } })
        expect(await again.ask({ type: 'desk.list' })).toEqual({ owner: 'ann', items: ['pen'] })
      })

      it('send keeps order, ask answers, and fields arrive as they were', async () => {
        const { ref } = await spawned()
        for (let n = 0; n < 20; n++) void ref.send({ type: 'desk.put', item: `item ${n}` })
        const { items } = await ref.ask({ type: 'desk.list' })
        expect(items).toEqual(Array.from({ length: 20 }, (_, n) => `item ${n}`))
        const when = new Date(5)
        expect(await ref.ask({ type: 'desk.echo', value: { when, none: null, deep: [[1.5]] } })).toEqual({
          when,
          none: null,
          deep: [[1.5]],
        })
      })

      it('what the contract refuses is an error to the sender', async () => {
        const { ref, actor } = await spawned()
        expect(await code(ref.send({ type: 'desk.put', item: 7 } as never))).toBe('INVALID_MESSAGE')
        expect(await code(ref.send({ type: 'desk.none' } as never))).toBe('UNKNOWN_MESSAGE')
        expect(await code(actor.spawn(desk, { key: 'x', input: { owner: 3 } as never }))).toBe('INVALID_MESSAGE')
        expect(await code(ref.ask({ type: 'desk.refuse' }))).toBe('REJECTED')
        expect(await code(ref.ask({ type: 'desk.lie' }))).toBe('INVALID_MESSAGE')
        expect(await code(ref.ask({ type: 'desk.locked' }))).toBe('REJECTED')
        expect(await code(actor.ref(desk, 'nobody').send({ type: 'desk.put', item: 'x' }))).toBe('NOT_FOUND')
        expect(await code(actor.ref(desk, 'nobody').state())).toBe('NOT_FOUND')
      })

      it('an ask ends at its deadline and when it is aborted', async () => {
        const { ref } = await spawned()
        expect(await code(ref.ask({ type: 'desk.later' }, { timeout: 30 }))).toBe('TIMEOUT')
        expect(await code(ref.ask({ type: 'desk.later' }, { signal: AbortSignal.timeout(20) }))).toBe('CANCELLED')
      })

      it('a reply may come with a later message', async () => {
        const { ref } = await spawned()
        const asked = ref.ask({ type: 'desk.later' })
        await ref.send({ type: 'desk.answer', text: 'at last' })
        expect(await asked).toBe('at last')
      })

      it('a stream brings its chunks in order and then its reply; leaving it early ends it', async () => {
        const { ref } = await spawned()
        const stream = ref.stream({ type: 'desk.count' })
        const chunks: number[] = []
        for await (const chunk of stream) chunks.push(chunk)
        expect(chunks).toEqual(Array.from({ length: 50 }, (_, n) => n))
        expect(await stream.reply).toBe('counted')
        const endless = ref.stream({ type: 'desk.later' })
        const first = ref.stream({ type: 'desk.count' })
        for await (const chunk of first) if (chunk === 1) break
        await ref.stop()
        expect(await code(endless.reply)).toMatch(/CANCELLED|UNAVAILABLE/)
      })

      it('on hears events of one type or of all, until it is taken back', async () => {
        const { ref } = await spawned()
        const heard: string[] = []
        const stop = ref.on('desk.filled', ({ item }) => heard.push(`filled ${item}`))
        ref.on('*', ({ type }) => heard.push(`any ${type}`))
        await pause(20)
        await ref.ask({ type: 'desk.fill', item: 'cup' })
        await until(() => heard.length === 2)
        stop()
        await pause(20)
        await ref.ask({ type: 'desk.fill', item: 'jar' })
        await until(() => heard.length === 3)
        expect(heard.toSorted()).toEqual(['any desk.filled', 'any desk.filled', 'filled cup'])
      })

      it('state, waitFor and result tell of the actor, during its life and after it', async () => {
        const { ref } = await spawned()
        const view = await ref.state()
        expect(view).toMatchObject({
          address: ref.address,
          status: 'active',
          value: 'open',
          tags: ['usable'],
          waiting: 0,
        })
        const [waited, result] = [ref.waitFor({ state: 'shut' }), ref.result()]
        await ref.send({ type: 'desk.shut' })
        expect(await waited).toMatchObject({ status: 'done', value: 'shut' })
        expect(await result).toEqual({ items: [] })
        expect(await ref.result()).toEqual({ items: [] })
        expect((await ref.state()).status).toBe('done')
        expect(await code(ref.waitFor({ state: 'open' }))).toBe('REJECTED')
      })

      it('stop ends it, and what comes after is not found', async () => {
        const { ref, host } = await spawned()
        const result = code(ref.result())
        await pause(10)
        await ref.stop()
        expect(await result).toBe('CANCELLED')
        expect(host.actors()).toEqual([])
        expect(await code(ref.send({ type: 'desk.put', item: 'x' }))).toBe('NOT_FOUND')
      })

      it('a principal without the grant is refused, whatever it asks for', async () => {
        const { ref, actor } = await spawned()
        const guest = actor.as({ id: 'guest', grants: [] })
        const mine = guest.ref<DeskContract>(desk, 'd/1 ✓')
        expect(await code(mine.send({ type: 'desk.locked' }))).toBe('FORBIDDEN')
        expect(await code(mine.state())).toBe('FORBIDDEN')
        expect(await code(mine.stop())).toBe('FORBIDDEN')
        expect(await code(guest.spawn(desk, { key: 'g', input: { owner: 'g' } }))).toBe('FORBIDDEN')
        await mine.send({ type: 'desk.put', item: 'from a guest' })
        expect((await ref.ask({ type: 'desk.list' })).items).toEqual(['from a guest'])
      })
    })
  }
}
