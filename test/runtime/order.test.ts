import { sendTo, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const counter = counterActor()

describe('messages of one sender', () => {
  it('are processed in the order they were sent, none lost', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(counter, { key: 'a' })
    for (let by = 0; by < 900; by++) void ref.send({ type: 'counter.add', by })
    expect((await ref.ask({ type: 'counter.get' })).seen).toEqual(Array.from({ length: 900 }, (_, by) => by))
  })

  it('are processed one at a time: none begins before the one before it has ended', async () => {
    const { runtime } = await openRuntime()
    const running: string[] = []
    const steps = defineActor({
      type: 'steps',
      contract: defineContract({ messages: { 'step.take': { fields: z.object({ n: z.number() }) } } }),
      logic: setup({
        types: {} as { events: { type: 'step.take'; n: number } | { type: 'own' } },
        actions: {
          note: (_args, params: { line: string }) => {
            running.push(params.line)
          },
        },
      }).createMachine({
        on: {
          'step.take': {
            actions: [
              { type: 'note', params: ({ event }) => ({ line: `begin ${event.n}` }) },
              sendTo(({ self }) => self, { type: 'own' }),
              ({ self }) => self.send({ type: 'own' }),
              { type: 'note', params: ({ event }) => ({ line: `end ${event.n}` }) },
            ],
          },
          own: { actions: { type: 'note', params: { line: 'own' } } },
        },
      }),
    })
    const ref = await runtime.spawn(steps, { key: 'a' })
    await Promise.all([ref.send({ type: 'step.take', n: 1 }), ref.send({ type: 'step.take', n: 2 })])
    await runtime.idle()
    expect(running).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'own', 'own', 'own', 'own'])
  })
})

describe('mailboxes', () => {
  it('share the node: a message waits for those accepted before it, not for a whole flood', async () => {
    const { runtime } = await openRuntime()
    const flooded = await runtime.spawn(counter, { key: 'flooded' })
    const neighbour = await runtime.spawn(counter, { key: 'neighbour' })
    const order: string[] = []
    for (let n = 0; n < 500; n++) void flooded.send({ type: 'counter.add', by: 1 })
    const asked = [
      flooded.ask({ type: 'counter.get' }).then(({ count }) => order.push(`flooded ${count}`)),
      neighbour.ask({ type: 'counter.get' }).then(() => order.push('neighbour')),
    ]
    for (let n = 0; n < 498; n++) void flooded.send({ type: 'counter.add', by: 1 })
    asked.push(flooded.ask({ type: 'counter.get' }).then(({ count }) => order.push(`flooded ${count}`)))
    await Promise.all(asked)
    expect(order).toEqual(['flooded 500', 'neighbour', 'flooded 998'])
  })

  it('let IO have its turn under a flood of asks that never pauses', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(counter, { key: 'a' })
    let turns = 0
    let flooding = true
    const look = (): void => {
      turns++
      if (flooding) setImmediate(look)
    }
    setImmediate(look)
    for (let n = 0; n < 20_000; n++) await ref.ask({ type: 'counter.get' })
    flooding = false
    expect(turns).toBeGreaterThan(10)
  })
})
