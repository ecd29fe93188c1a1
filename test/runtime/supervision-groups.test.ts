import { describe, expect, it } from 'vitest'
import type { ActorDefinition, RestartStrategy, RestartType } from '../../runtime/index.ts'
import { bossActor } from '../support/runtime/boss-actor.ts'
import { chronicle } from '../support/runtime/chronicle.ts'
import { fragileActor, fragileMachine } from '../support/runtime/fragile-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import type { fragileContract } from '../support/runtime/fragile-actor.ts'
import { spawnerActor } from '../support/runtime/spawner-actor.ts'

type Fragile = ActorDefinition<typeof fragileContract>

const backoff = { first: '1s', jitter: 0 } as const
const BREAK = { type: 'fragile.break' } as const

/** Three actors of types one, two and three; the middle one with the restart type given. */
function three(restart: RestartType = 'transient', broken: () => boolean = () => false): Fragile[] {
  return ['one', 'two', 'three'].map((type) =>
    fragileActor({
      type,
      logic: fragileMachine(() => type === 'two' && broken()),
      supervision: { restart: type === 'two' ? restart : 'transient', onPoison: 'stop', backoff },
    }),
  )
}

async function company(workers: Fragile[], options: Parameters<typeof bossActor>[1] = {}) {
  const boss = bossActor(workers as unknown as ActorDefinition[], options)
  const { runtime, clock } = await openRuntime({ actors: [boss, ...workers] as ActorDefinition[] })
  const ref = await runtime.spawn(boss, { key: 'b' })
  const lines = chronicle(runtime)
  const worker = (type: string) => runtime.ref(workers.find((one) => one.type === type) as Fragile, `boss/b/${type}`)
  return { runtime, clock, ref, lines, worker }
}

const FALLEN: Record<RestartStrategy, readonly string[]> = {
  one_for_one: ['two'],
  one_for_all: ['one', 'two', 'three'],
  rest_for_one: ['two', 'three'],
}

describe.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)('of a group that is %s', (strategy) => {
  const children = { strategy }

  it.each([
    ['permanent', 'fragile.break', true],
    ['permanent', 'fragile.end', true],
    ['transient', 'fragile.break', true],
    ['transient', 'fragile.end', false],
    ['temporary', 'fragile.break', false],
    ['temporary', 'fragile.end', false],
  ] as const)('when a %s one goes by %s, others fall with it: %s', async (restart, type, falls) => {
    const { clock, lines, worker, ref } = await company(three(restart), { children })
    for (const name of ['one', 'two', 'three']) await worker(name).send({ type: 'fragile.add', by: 5 })
    await worker('two').send({ type })
    await clock.advance('1s')
    const started = lines.filter((line) => line.startsWith('started ')).map((line) => line.slice('started '.length))
    expect(started).toEqual(falls ? FALLEN[strategy] : [])
    for (const name of ['one', 'three']) {
      const isNew = falls && FALLEN[strategy].includes(name)
      expect(await worker(name).ask({ type: 'fragile.get' })).toBe(isNew ? 0 : 5)
    }
    // The chart hears of what is given up, and of nothing else.
    expect((await ref.state()).value).toBe(!falls && type === 'fragile.break' ? 'told' : 'at work')
  })
})

describe('a group', () => {
  it('is stopped from the youngest on and started from the eldest on, together', async () => {
    const { clock, lines, worker } = await company(three(), { children: { strategy: 'one_for_all' } })
    await worker('one').send({ type: 'fragile.add', by: 1 })
    const order: string[] = []
    for (const name of ['one', 'three']) {
      void worker(name)
        .ask({ type: 'fragile.hold' })
        .catch(() => order.push(name))
    }
    await clock.advance(1)
    await worker('two').send(BREAK)
    await clock.advance(500)
    expect(order).toEqual(['three', 'one'])
    await clock.advance(500)
    expect(lines).toEqual([
      'restarted one',
      'restarted two',
      'restarted three',
      'started one',
      'started two',
      'started three',
    ])
  })

  it('waits for its last failure: a start that was pending is void', async () => {
    const { clock, lines, worker } = await company(three(), { children: { strategy: 'rest_for_one' } })
    await worker('three').send(BREAK)
    await clock.advance(600)
    await worker('two').send(BREAK)
    await clock.advance(500)
    expect(lines.filter((line) => line.startsWith('started'))).toEqual([])
    await clock.advance('2s')
    expect(lines.filter((line) => line.startsWith('started'))).toEqual(['started two', 'started three'])
  })

  it('leaves behind who is temporary, and its chart learns of that', async () => {
    const workers = three()
    const guest = fragileActor({ type: 'guest', logic: fragileMachine(), supervision: { restart: 'temporary' } })
    const { clock, runtime, worker, ref } = await company([...workers, guest], {
      children: { strategy: 'one_for_all' },
    })
    await worker('one').send(BREAK)
    await clock.advance('1s')
    expect((await ref.state()).value).toBe('told')
    expect(runtime.actors().some((address) => address.includes('/guest/'))).toBe(false)
  })

  it('shares its restarts: two that fail in turn use them up together', async () => {
    const { clock, runtime, worker } = await company(three(), {
      children: { strategy: 'one_for_all', intensity: 2, period: '1m' },
    })
    for (const name of ['one', 'two', 'three']) {
      await worker(name)
        .send(BREAK)
        .catch(() => {})
      await clock.advance('5s')
    }
    expect(runtime.actors()).toEqual([])
  })

  it('leaves alone who is in quarantine, and the parts of the chart itself', async () => {
    const workers = three()
    const part = { type: 'part', hosted: { source: fragileMachine() } } as unknown as Fragile
    const boss = bossActor([...workers, part] as unknown as ActorDefinition[], {
      children: { strategy: 'rest_for_one', intensity: 1, period: '1s', exceeded: 'quarantine' },
    })
    const { runtime, clock } = await openRuntime({ actors: [boss, ...workers] as ActorDefinition[] })
    const ref = await runtime.spawn(boss, { key: 'b' })
    const last = runtime.ref(workers[2] as Fragile, 'boss/b/three')
    await last.send(BREAK)
    await clock.advance('1s')
    await last.send(BREAK)
    await clock.advance('1m')
    const lines = chronicle(runtime)
    await runtime.ref(workers[0] as Fragile, 'boss/b/one').send(BREAK)
    await clock.advance('1s')
    expect(lines.filter((line) => line.startsWith('started'))).toEqual(['started one', 'started two'])
    expect((await last.state()).status).toBe('error')
    expect((await ref.state()).value).toBe('at work')
  })

  it('of strangers does not: each has its own restarts', async () => {
    const { clock, runtime, worker } = await company(three(), { children: { intensity: 1, period: '1m' } })
    for (const name of ['one', 'two', 'three']) await worker(name).send(BREAK)
    await clock.advance('5s')
    expect(runtime.actors()).toHaveLength(4)
  })
})

describe('a child that fails on its very start', () => {
  it('is started again, and its chart hears nothing of it', async () => {
    let isBroken = true
    const { clock, ref, worker } = await company(three('transient', () => isBroken))
    expect((await ref.state()).value).toBe('at work')
    isBroken = false
    await clock.advance('1s')
    expect(await worker('two').ask({ type: 'fragile.get' })).toBe(0)
    expect((await ref.state()).value).toBe('at work')
  })

  it('and again, until its restarts are used up', async () => {
    const { clock, runtime } = await company(
      three('transient', () => true),
      { children: { intensity: 2, period: '1m', exceeded: 'quarantine' } },
    )
    await clock.advance('1m')
    const view = await runtime.ref('local/two/boss/b/two').state()
    expect([view.status, view.error?.message]).toEqual(['error', expect.stringContaining('no start today') as string])
  })

  it('is told to the chart when nothing starts it again, as ever', async () => {
    const { ref } = await company(three('temporary', () => true))
    expect((await ref.state()).value).toBe('told')
  })
})

describe('an actor that a task spawned', () => {
  it('is restarted by its owner, whose policy counts', async () => {
    const fragile = fragileActor()
    const spawner = spawnerActor(fragile as unknown as ActorDefinition, {
      children: { intensity: 1, period: '1m', exceeded: 'quarantine' },
    })
    const { runtime, clock } = await openRuntime({ actors: [spawner, fragile] as ActorDefinition[] })
    await runtime.spawn(spawner, { key: 's' })
    await clock.advance(1)
    const ref = runtime.ref(fragile, 'spawned')
    await ref.send(BREAK)
    await clock.advance('1s')
    expect(await ref.ask({ type: 'fragile.get' })).toBe(0)
    await ref.send(BREAK)
    await runtime.idle()
    expect((await ref.state()).status).toBe('error')
  })
})
