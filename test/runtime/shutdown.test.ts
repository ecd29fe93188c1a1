import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fromPromise, raise, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createRuntime, defineActor, defineContract } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const counter = counterActor()
const contract = defineContract({ messages: { go: {} } })

describe('stop', () => {
  it('processes what stands in the mailboxes, takes nothing new, and settles whoever waits', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(counter, { key: 'a' })
    for (let by = 0; by < 100; by++) void ref.send({ type: 'counter.add', by: 1 })
    const asked = ref.ask({ type: 'counter.get' })
    const result = code(ref.result())
    const waited = code(ref.waitFor({ state: 'ended' }))
    const stopping = runtime.stop()
    expect(await code(ref.send({ type: 'counter.add', by: 1 }))).toBe('UNAVAILABLE')
    expect(await code(ref.ask({ type: 'counter.get' }))).toBe('UNAVAILABLE')
    expect(await code(runtime.spawn(counter, { key: 'late' }))).toBe('UNAVAILABLE')
    await stopping
    expect((await asked).count).toBe(100)
    expect([await result, await waited]).toEqual(['CANCELLED', 'REJECTED'])
    expect(runtime.actors()).toEqual([])
    await runtime.stop()
  })

  it('gives up on mailboxes that never empty when its time to drain is over', async () => {
    const runtime = await createRuntime()
    const restless = defineActor({
      type: 'restless',
      contract,
      logic: setup({}).createMachine({ on: { go: { actions: ({ self }) => self.send({ type: 'go' }) } } }),
    })
    const ref = await runtime.spawn(restless, { key: 'r' })
    await ref.send({ type: 'go' })
    await runtime.stop({ drain: '50ms' })
    expect(runtime.actors()).toEqual([])
  })

  it('ends actors youngest first, so children before parents, and aborts their tasks', async () => {
    const { runtime, clock } = await openRuntime()
    const ended: string[] = []
    let aborted = 0
    const kid = setup({}).createMachine({})
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({
        actors: {
          kid,
          task: fromPromise(({ signal }) => {
            signal.addEventListener('abort', () => aborted++)
            return new Promise(() => {})
          }),
        },
      }).createMachine({
        invoke: [
          { id: 'kid', src: 'kid' },
          { id: 'task', src: 'task' },
        ],
        after: { 60_000: { actions: raise({ type: 'go' }) } },
      }),
    })
    runtime.inspect((record) => {
      if (record.kind === 'actor.stopped') ended.push(record.address.split('/').slice(2).join('/'))
    })
    await runtime.spawn(parent, { key: 'one' })
    await runtime.spawn(parent, { key: 'two' })
    await runtime.stop()
    expect(ended).toEqual(['two/kid', 'two', 'one/kid', 'one'])
    expect(aborted).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('leaves the process nothing to wait for: it exits by itself', async () => {
    const program = `
      import { createRuntime } from '${new URL('../../runtime/index.ts', import.meta.url).href}'
      import { memory } from '${new URL('../../transports/memory/index.ts', import.meta.url).href}'
      import { counterActor } from '${new URL('../support/runtime/counter-actor.ts', import.meta.url).href}'
      const counter = counterActor()
      const wire = memory()
      const host = await createRuntime({ transport: wire, actors: [counter] })
      const client = await createRuntime({ transport: wire })
      const ref = await client.spawn(counter, { key: 'a' })
      await ref.send({ type: 'counter.add', by: 2 })
      ref.on('*', () => {})
      ref.result().catch(() => {})
      ref.waitFor({ state: 'ended' }, { timeout: '1h' }).catch(() => {})
      const { count } = await ref.ask({ type: 'counter.get' }, { timeout: '1h' })
      await client.stop()
      await host.stop()
      process.stdout.write('count ' + count)
    `
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { timeout: 15_000 })
    expect(stdout).toBe('count 2')
  })
})
