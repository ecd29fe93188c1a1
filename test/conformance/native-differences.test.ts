import { assign, createActor, emit, fromCallback, raise, sendTo, setup, spawnChild } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { type ActorDefinition, defineActor, defineContract, reply } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const contract = defineContract({
  messages: { go: {}, look: { reply: z.unknown() } },
  emits: { went: z.object({ n: z.number() }) },
})
const define = (logic: never): ActorDefinition<typeof contract> => defineActor({ type: 'subject', contract, logic })

/** Each of these is a row of docs/xstate.md. */
describe('where the kernel differs from createActor on purpose', () => {
  it('an action runs after the commit: it finds the new state, where native finds the old one', async () => {
    const seen: unknown[] = []
    const machine = setup({}).createMachine({
      initial: 'a',
      states: { a: { on: { go: { target: 'b', actions: ({ self }) => seen.push(self.getSnapshot().value) } } }, b: {} },
    })
    const native = createActor(machine).start()
    native.send({ type: 'go' })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect(seen).toEqual(['a', 'b'])
  })

  it('a transition that throws commits nothing and the actor lives, where native runs half of it and dies', async () => {
    const ran: string[] = []
    const machine = setup({ types: {} as { context: { n: number } } }).createMachine({
      context: { n: 0 },
      on: {
        go: {
          actions: [
            () => ran.push('action'),
            assign({ n: 1 }),
            assign(() => {
              throw new Error('no')
            }),
          ],
        },
        look: { actions: reply(({ context }) => context.n) },
      },
    })
    const native = createActor(machine)
    native.subscribe({ error: () => {} })
    native.start()
    native.send({ type: 'go' })
    expect([native.getSnapshot().status, ran.splice(0)]).toEqual(['error', ['action']])
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    expect(await ref.ask({ type: 'look' })).toBe(0)
    expect([(await ref.state()).status, ran]).toEqual(['active', []])
  })

  it('an action that throws is a dead letter, where native ends the actor', async () => {
    const machine = setup({}).createMachine({
      on: {
        go: {
          actions: () => {
            throw new Error('dropped')
          },
        },
      },
    })
    const native = createActor(machine)
    native.subscribe({ error: () => {} })
    native.start()
    native.send({ type: 'go' })
    expect(native.getSnapshot().status).toBe('error')
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect((await ref.state()).status).toBe('active')
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('dropped')
  })

  it('all actions of a transition keep their written order, where native does custom ones first', async () => {
    const order: string[] = []
    const machine = setup({
      actors: { line: fromCallback(({ receive }) => receive(({ type }) => order.push(type))) },
    }).createMachine({
      invoke: { id: 'line', src: 'line' },
      on: { go: { actions: [sendTo('line', { type: 'sent' }), () => order.push('custom')] } },
    })
    const native = createActor(machine).start()
    native.send({ type: 'go' })
    native.stop()
    expect(order.splice(0)).toEqual(['custom', 'sent'])
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect(order).toEqual(['sent', 'custom'])
  })

  it('a timer or child under an id in use takes the place of the former, where native keeps both', async () => {
    const log: string[] = []
    const machine = setup({
      actors: {
        line: fromCallback(() => {
          log.push('open')
          return () => log.push('closed')
        }),
      },
    }).createMachine({
      on: {
        go: { actions: [spawnChild('line', { id: 'x' }), raise({ type: 'ding' }, { delay: 10, id: 'y' })] },
        ding: { actions: () => log.push('ding') },
      },
    })
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await ref.send({ type: 'go' })
    await clock.advance(100)
    expect(log).toEqual(['open', 'closed', 'open', 'ding'])
  })

  it('a send to a child that never was fails its transition, where native ends the actor', async () => {
    const machine = setup({}).createMachine({
      initial: 'a',
      states: { a: { on: { go: { target: 'b', actions: sendTo('nobody', { type: 'hello' }) } } }, b: {} },
    })
    const native = createActor(machine)
    native.subscribe({ error: () => {} })
    native.start()
    native.send({ type: 'go' })
    expect(native.getSnapshot().status).toBe('error')
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect((await ref.state()).value).toBe('a')
    expect(runtime.deadLetters.list()[0]?.error.message).toContain("'nobody'")
  })

  it('a message between actors goes through the mailboxes, where native runs an idle actor at once', async () => {
    const order: string[] = []
    const child = setup({}).createMachine({ on: { hello: { actions: () => order.push('child') } } })
    const machine = setup({ actors: { child } }).createMachine({
      invoke: { id: 'child', src: 'child' },
      on: {
        go: { actions: [sendTo('child', { type: 'hello' }), sendTo(({ self }) => self, { type: 'own' })] },
        own: { actions: [() => order.push('own'), sendTo('child', { type: 'hello' }), () => order.push('own ends')] },
      },
    })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect(order).toEqual(['child', 'own', 'own ends', 'child'])
  })

  it('self is a link with id, send, state and parent; its id is the address', async () => {
    const seen: unknown[] = []
    const machine = setup({}).createMachine({
      entry: ({ self, system }) => seen.push(self.id, self.sessionId, self._parent, system.get('anybody')),
    })
    const { runtime } = await openRuntime()
    await runtime.spawn(define(machine as never), { key: 'a' })
    expect(seen).toEqual(['local/subject/a', 'local/subject/a', undefined, undefined])
  })

  it('an `always` that never rests is an error of the transition, where native hangs', async () => {
    const machine = setup({}).createMachine({
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect((await ref.state()).value).toBe('a')
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('Infinite loop detected')
  })

  it('an emitted event that the contract does not promise reaches nobody', async () => {
    const machine = setup({ types: {} as { emitted: { type: string; n?: number } } }).createMachine({
      on: { go: { actions: [emit({ type: 'other' }), emit({ type: 'went' }), emit({ type: 'went', n: 1 })] } },
    })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    const heard: unknown[] = []
    ref.on('*', (event) => heard.push(event))
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect(heard).toEqual([{ type: 'went', n: 1 }])
    expect(runtime.deadLetters.list()).toHaveLength(2)
  })

  it('what a task emits is heard on its actor, where native has listeners on the task itself', async () => {
    const machine = setup({
      actors: {
        line: fromCallback(
          ({ emit: announce }) => void setTimeout(() => announce({ type: 'went', n: 4 } as { type: 'went' })),
        ),
      },
    }).createMachine({ invoke: { id: 'line', src: 'line' } })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(define(machine as never), { key: 'a' })
    const heard = await new Promise((resolve) => {
      ref.on('went', resolve)
    })
    expect(heard).toEqual({ type: 'went', n: 4 })
  })

  it('what a chart receives is frozen in development', async () => {
    const given = defineContract({ messages: { take: { fields: z.object({ list: z.array(z.number()) }) } } })
    const machine = setup({ types: {} as { events: { type: 'take'; list: number[] } } }).createMachine({
      on: { take: { actions: ({ event }) => event.list.push(1) } },
    })
    const { runtime } = await openRuntime({ freezeMessages: true })
    const ref = await runtime.spawn(defineActor({ type: 'taker', contract: given, logic: machine }), { key: 'a' })
    const list = [7]
    await ref.send({ type: 'take', list })
    await runtime.idle()
    expect(list).toEqual([7])
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('not extensible')
  })
})
