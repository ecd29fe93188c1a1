import { setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract, watch } from '../../runtime/index.ts'
import type { Cell } from '../../runtime/kernel/cell.ts'
import { unwatchAll, watch as watchCell } from '../../runtime/kernel/watch.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const MANY = 10_000

describe('ten thousand actors that came and went', () => {
  it('leave no actor, no timer and no message behind', async () => {
    const { runtime, clock } = await openRuntime()
    const brief = defineActor({
      type: 'brief',
      keepResult: 0,
      contract: defineContract({ messages: { end: {}, ask: { reply: z.void() } } }),
      logic: setup({ actors: { kid: setup({}).createMachine({}) } }).createMachine({
        initial: 'on',
        states: {
          on: { invoke: { id: 'kid', src: 'kid' }, after: { 3_600_000: 'off' }, on: { end: 'off', ask: {} } },
          off: { type: 'final' },
        },
      }),
    })
    for (let n = 0; n < MANY; n++) {
      const ref = await runtime.spawn(brief, { key: `b${n}` })
      ref.ask({ type: 'ask' }, { timeout: '1h' }).catch(() => {})
      void ref.send({ type: 'end' })
    }
    await runtime.idle()
    expect(runtime.actors()).toEqual([])
    await clock.advance(0)
    expect(runtime.deadLetters.list()).toEqual([])
    await clock.advance('61m')
    expect(clock.pending).toBe(0)
  })

  it('leave nothing with the one they all watched', async () => {
    const { runtime } = await openRuntime()
    const counter = counterActor({ keepResult: 0 })
    const target = await runtime.spawn(counter, { key: 'watched' })
    const watcher = defineActor({
      type: 'watcher',
      keepResult: 0,
      contract: defineContract({ messages: {} }),
      logic: setup({}).createMachine({ entry: watch(target.address) }),
    })
    for (let n = 0; n < 1_000; n++) await (await runtime.spawn(watcher, { key: `w${n}` })).stop()
    expect(runtime.actors()).toEqual([target.address])
    const told: string[] = []
    runtime.inspect((record) => {
      if (record.kind === 'transition') told.push(record.event)
    })
    await target.stop()
    await runtime.idle()
    expect(told).toEqual([])
  })
})

describe('a watcher that ends', () => {
  it('takes its entry out of the watched', () => {
    const cells = new Map<string, Cell>()
    const cell = (address: string) => ({ address, ended: false, watchers: null, watching: null }) as unknown as Cell
    const [watched, watching] = [cell('r/a/watched'), cell('r/a/watching')]
    cells.set(watched.address, watched)
    const kernel = { registry: { cells, ended: () => undefined }, remote: null } as never
    watchCell(kernel, watching, watched.address)
    expect([watched.watchers?.size, watching.watching?.size]).toEqual([1, 1])
    unwatchAll(kernel, watching)
    expect([watched.watchers?.size, watching.watching]).toEqual([0, null])
  })
})
