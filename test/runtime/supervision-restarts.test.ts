import { describe, expect, it } from 'vitest'
import type { InspectionRecord } from '../../runtime/index.ts'
import { chronicle } from '../support/runtime/chronicle.ts'
import { fragileActor, fragileMachine } from '../support/runtime/fragile-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const BREAK = { type: 'fragile.break' } as const
const GET = { type: 'fragile.get' } as const
const add = (by: number) => ({ type: 'fragile.add', by }) as const
const backoff = { first: '1s', jitter: 0 } as const

describe('an actor that ended', () => {
  it.each([
    ['permanent', 'fragile.break', 'restarted'],
    ['permanent', 'fragile.end', 'restarted'],
    ['transient', 'fragile.break', 'restarted'],
    ['transient', 'fragile.fail', 'restarted'],
    ['transient', 'fragile.end', 'stopped'],
    ['temporary', 'fragile.break', 'stopped'],
    ['temporary', 'fragile.end', 'stopped'],
  ] as const)('that is %s, by %s, is %s', async (restart, type, outcome) => {
    const { runtime, clock } = await openRuntime()
    const fragile = fragileActor({ supervision: { restart, onPoison: 'stop', backoff } })
    const lines = chronicle(runtime)
    const ref = await runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    await ref.send({ type })
    await clock.advance(500)
    expect(lines).toEqual(['started fragile', `${outcome} fragile`])
    await clock.advance('1s')
    expect(runtime.actors()).toEqual(outcome === 'restarted' ? [ref.address] : [])
  })

  it('begins anew from its input, under the same ref, after its backoff and not before', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 7 } })
    await ref.send(add(3))
    await ref.send(BREAK)
    const asked = ref.ask(GET)
    let answered = false
    void asked.then(() => (answered = true))
    await clock.advance(999)
    expect(answered).toBe(false)
    await clock.advance(1)
    expect(await asked).toBe(7)
  })

  it('goes on from its last good state where that is its policy, its timers with it', async () => {
    const { runtime, clock } = await openRuntime()
    const fragile = fragileActor({
      supervision: { restart: 'transient', onPoison: 'stop', from: 'last good state', backoff },
    })
    const ref = await runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    await ref.send(add(3))
    await ref.send({ type: 'fragile.later' })
    await clock.advance('20s')
    await ref.send(BREAK)
    await clock.advance('10s')
    expect(await ref.ask(GET)).toBe(10)
    await clock.advance('29s')
    expect((await ref.state()).value).toBe('late')
    await clock.advance('1s')
    expect(await ref.ask(GET)).toBe(1_010)
  })

  it('learns what its last good state had under way and has lost', async () => {
    const { runtime, clock } = await openRuntime({ supervision: { period: '1m' } })
    const fragile = fragileActor({ supervision: { restart: 'transient', from: 'last good state', backoff } })
    const restarts: InspectionRecord[] = []
    runtime.inspect((record) => void (record.kind === 'actor.restarted' && restarts.push(record)))
    const ref = await runtime.spawn(fragile, { key: 'a' })
    await ref.send({ type: 'fragile.fail' })
    await clock.advance('10s')
    // It stands in a state that waits for the work that failed: nobody may leave it there.
    expect(restarts.map((record) => (record.kind === 'actor.restarted' ? record.error?.code : ''))).toEqual([
      'CRASHED',
      'INTERRUPTED',
      'INTERRUPTED',
    ])
  })

  it('tells with each restart how many there were, and how long the next takes', async () => {
    const { runtime, clock } = await openRuntime({ supervision: { intensity: 3, period: '1m' } })
    const told: unknown[] = []
    runtime.inspect((record) => {
      if (record.kind === 'actor.restarted') told.push([record.reason, record.restarts, record.after])
    })
    const ref = await runtime.spawn(fragileActor(), { key: 'a' })
    for (let n = 0; n < 3; n++) {
      await ref.send(BREAK)
      await clock.advance('10s')
    }
    expect(told).toEqual([
      ['error', 1, 1_000],
      ['error', 2, 2_000],
      ['error', 3, 4_000],
    ])
  })

  it('stays away when somebody had it stopped, while it waits for its restart too', async () => {
    const { runtime, clock } = await openRuntime()
    const fragile = fragileActor({ supervision: { restart: 'permanent', onPoison: 'stop', backoff } })
    const ref = await runtime.spawn(fragile, { key: 'a' })
    await ref.stop()
    await clock.advance('1m')
    expect(runtime.actors()).toEqual([])
    const other = await runtime.spawn(fragile, { key: 'b' })
    await other.send(BREAK)
    await runtime.idle()
    const asked = other.ask(GET)
    await runtime.idle()
    await other.stop()
    expect(await code(asked)).toBe('NOT_FOUND')
    await clock.advance('1m')
    expect(runtime.actors()).toEqual([])
  })
})

describe('while it waits for its restart', () => {
  it('messages are kept in order, those of its old mailbox before those that come', async () => {
    const { runtime, clock } = await openRuntime()
    const log: unknown[] = []
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 1 } })
    runtime.inspect((record) => {
      if (record.kind === 'transition') log.push(record.event)
    })
    void ref.send(BREAK)
    void ref.send(add(1))
    const first = ref.ask(GET)
    await runtime.idle()
    void ref.send(add(10))
    const second = ref.ask(GET)
    await clock.advance('1s')
    expect(await Promise.all([first, second])).toEqual([2, 12])
    expect(log).toEqual(['xstate.init', 'fragile.add', 'fragile.get', 'fragile.add', 'fragile.get'])
  })

  it('its mailbox stays bounded', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor({ mailbox: { capacity: 3 } }), { key: 'a' })
    void ref.send(BREAK)
    const sent = [1, 1].map(() => code(ref.send(add(1))))
    await runtime.idle()
    sent.push(...[1, 1].map(() => code(ref.send(add(1)))))
    expect(await Promise.all(sent)).toEqual(['none', 'none', 'none', 'OVERLOADED'])
    expect((await ref.state()).waiting).toBe(3)
    await clock.advance('1s')
    expect(await ref.ask(GET)).toBe(3)
    expect((await ref.state()).waiting).toBe(0)
  })

  it('newer messages push out the oldest, where that is its policy', async () => {
    const { runtime, clock } = await openRuntime()
    const mailbox = { capacity: 2, overflow: 'drop-oldest' } as const
    const ref = await runtime.spawn(fragileActor({ mailbox }), { key: 'a' })
    await ref.send(BREAK)
    await runtime.idle()
    for (const by of [1, 10, 100, 1_000]) await ref.send(add(by))
    await clock.advance('1s')
    expect(await ref.ask(GET)).toBe(1_100)
  })

  it('a question under way fails with CRASHED, and one that waited is answered', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 4 } })
    const held = code(ref.ask({ type: 'fragile.hold' }))
    void ref.send(BREAK)
    const waiting = ref.ask(GET)
    await clock.advance('1s')
    expect(await held).toBe('CRASHED')
    expect(await waiting).toBe(4)
  })

  it('who waits for its result or its state goes on waiting', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 4 } })
    const result = ref.result({ timeout: '1h' })
    const late = ref.waitFor({ state: 'late' }, { timeout: '1h' })
    await ref.send(BREAK)
    await clock.advance('1s')
    await ref.send({ type: 'fragile.later' })
    expect((await late).value).toBe('late')
    await clock.advance('1m')
    await ref.send({ type: 'fragile.end' })
    expect(await result).toBe(1_004)
  })

  it('what was put away comes with the messages that waited', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor({ unhandled: 'stash' }), { key: 'a' })
    await ref.send({ type: 'fragile.later' })
    await ref.send(add(5))
    await ref.send(BREAK)
    await clock.advance('1s')
    expect(await ref.ask(GET)).toBe(5)
  })

  it('no timer of the life that is over fires in the next', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor(), { key: 'a' })
    await ref.send({ type: 'fragile.later' })
    await ref.send(BREAK)
    await clock.advance('2m')
    expect(await ref.ask(GET)).toBe(0)
  })
})

describe('an actor that fails to start', () => {
  it('is told to whoever spawns it, and is not there', async () => {
    const { runtime } = await openRuntime()
    const fragile = fragileActor({ logic: fragileMachine(() => true) })
    expect(await code(runtime.spawn(fragile, { key: 'a' }))).toBe('CRASHED')
    expect(runtime.actors()).toEqual([])
  })

  it('again and again uses up its restarts', async () => {
    let isBroken = false
    const { runtime, clock } = await openRuntime({ supervision: { period: '1m' } })
    const ref = await runtime.spawn(fragileActor({ logic: fragileMachine(() => isBroken) }), { key: 'a' })
    const lines = chronicle(runtime)
    isBroken = true
    await ref.send(BREAK)
    await clock.advance('1h')
    expect(lines.filter((line) => line.startsWith('restarted'))).toHaveLength(3)
    expect(lines.at(-1)).toBe('quarantined fragile')
  })
})

describe('a message that cannot be processed', () => {
  it('starts the actor anew where that is its policy, and counts as no restart', async () => {
    const { runtime } = await openRuntime({ supervision: { intensity: 0 } })
    const fragile = fragileActor({ supervision: { restart: 'temporary', onPoison: 'reset' } })
    const ref = await runtime.spawn(fragile, { key: 'a', input: { start: 2 } })
    for (let n = 0; n < 5; n++) {
      await ref.send(add(1))
      await ref.send(BREAK)
    }
    expect(await ref.ask(GET)).toBe(2)
    expect(runtime.deadLetters.list()).toHaveLength(5)
  })

  it('changes nothing without a policy', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(fragileActor({ supervision: { restart: 'permanent', onPoison: 'resume' } }), {
      key: 'a',
    })
    await ref.send(add(1))
    await ref.send(BREAK)
    expect(await ref.ask(GET)).toBe(1)
  })
})

describe('a clock that is set', () => {
  it.each(['forward', 'back'])(
    '%s a day neither keeps an actor from its restart nor lets it crash for ever',
    async (way) => {
      const { runtime, clock } = await openRuntime({ supervision: { intensity: 2, period: '10s' } })
      const lines = chronicle(runtime)
      const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 1 } })
      await ref.send(BREAK)
      await clock.advance('1s')
      await clock.setTo(clock.now() + (way === 'forward' ? 1 : -1) * 86_400_000)
      await ref.send(BREAK)
      await clock.advance('10s')
      expect(await ref.ask(GET)).toBe(1)
      for (let n = 0; n < 4; n++) {
        await ref.send(BREAK).catch(() => {})
        await clock.advance('2s')
      }
      expect(lines.at(-1)).toBe('quarantined fragile')
    },
  )
})
