import { describe, expect, it, vi } from 'vitest'
import { parentActor, workActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

describe('leaf work of a durable actor', () => {
  it('does not start before that it was asked for is durable', async () => {
    const { actor, bench } = workActor()
    const journal = gatedJournal()
    const { runtime } = await openRuntime({ journal, actors: [actor] })
    const ref = await runtime.spawn(actor, { key: 'w' })
    journal.shut()
    const sent = ref.send({ type: 'work.start' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(bench.runs).toEqual([])
    journal.open()
    await sent
    expect(bench.runs.map(({ name }) => name)).toEqual(['once', 'often', 'service'])
  })

  it('that was cut off is repeated under the same key if it may be, and else its chart hears of it', async () => {
    const { actor, bench } = workActor()
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [actor] })
    await (await first.runtime.spawn(actor, { key: 'w' })).send({ type: 'work.start' })
    await first.runtime.stop()
    const { runtime } = await openRuntime({ journal, actors: [actor] })
    const ref = runtime.ref(actor, 'w')
    expect(await ref.ask({ type: 'work.report' })).toEqual({ log: ['once INTERRUPTED', 'resumed'] })
    const names = bench.runs.map(({ name }) => name)
    expect(names).toEqual(['once', 'often', 'service', 'often', 'service'])
    const keys = bench.runs.filter(({ name }) => name === 'often').map(({ key }) => key)
    expect(keys[0]).toBe(keys[1])
    bench.finish('often')
    await vi.waitFor(async () =>
      expect(await ref.ask({ type: 'work.report' })).toEqual({ log: ['once INTERRUPTED', 'resumed', 'often done'] }),
    )
  })

  it('that is done is not done again', async () => {
    const { actor, bench } = workActor()
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [actor] })
    const ref = await first.runtime.spawn(actor, { key: 'w' })
    await ref.send({ type: 'work.start' })
    bench.finish('once')
    bench.finish('often')
    await vi.waitFor(async () =>
      expect(await ref.ask({ type: 'work.report' })).toEqual({ log: ['once done', 'often done'] }),
    )
    await first.runtime.stop()
    const { runtime } = await openRuntime({ journal, actors: [actor] })
    expect(await runtime.ref(actor, 'w').ask({ type: 'work.report' })).toEqual({
      log: ['once done', 'often done', 'resumed'],
    })
  })
})

describe('a durable family', () => {
  it('comes back together: the child where it was, and its parent hears of its end', async () => {
    const parent = parentActor()
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [parent] })
    const ref = await first.runtime.spawn(parent, { key: 'p' })
    await ref.send({ type: 'parent.poke' })
    await first.runtime.stop()
    const { runtime } = await openRuntime({ journal, actors: [parent] })
    const again = runtime.ref(parent, 'p')
    expect(await again.ask({ type: 'parent.report' })).toEqual({ log: [] })
    expect(runtime.actors()).toEqual(['local/parent/p', 'local/parent--child/p/kid'])
    await again.send({ type: 'parent.poke' })
    await runtime.idle()
    expect(await again.ask({ type: 'parent.report' })).toEqual({ log: ['grown up'] })
    expect(runtime.actors()).toEqual(['local/parent/p'])
  })

  it('comes back for the timer of a child', async () => {
    const parent = parentActor()
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [parent] })
    await (await first.runtime.spawn(parent, { key: 'p' })).send({ type: 'parent.poke' })
    await first.runtime.stop()
    const { runtime, clock } = await openRuntime({ journal, actors: [parent] })
    await clock.advance('11s')
    expect(await runtime.ref(parent, 'p').ask({ type: 'parent.report' })).toEqual({ log: ['grown up'] })
  })

  it('leaves nothing behind of a child that has ended', async () => {
    const parent = parentActor()
    const journal = gatedJournal()
    const { runtime } = await openRuntime({ journal, actors: [parent] })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await ref.send({ type: 'parent.poke' })
    await ref.send({ type: 'parent.poke' })
    await ref.ask({ type: 'parent.report' })
    const view = await journal.view('local')
    const left: string[] = []
    for await (const { address } of view.records()) left.push(address)
    expect(left).toEqual(['local/parent/p'])
  })

  it('rests together', async () => {
    const parent = parentActor()
    const { runtime, clock } = await openRuntime({ journal: gatedJournal(), actors: [parent] })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await clock.advance('11m')
    expect(runtime.actors()).toEqual([])
    await ref.send({ type: 'parent.poke' })
    expect(runtime.actors()).toHaveLength(2)
  })
})
