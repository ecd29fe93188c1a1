import { raise, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: { start: {} } })

describe('the delays of a chart', () => {
  it('may be longer than 2^31 milliseconds', async () => {
    const { runtime, clock } = await openRuntime()
    const patient = defineActor({
      type: 'patient',
      contract,
      logic: setup({ delays: { aMonth: 30 * 86_400_000 } }).createMachine({
        initial: 'a',
        states: { a: { after: { aMonth: 'b' } }, b: {} },
      }),
    })
    const ref = await runtime.spawn(patient, { key: 'p' })
    await clock.advance('29d')
    expect((await ref.state()).value).toBe('a')
    await clock.advance('1d')
    expect((await ref.state()).value).toBe('b')
  })

  it('that are no number fail their transition before its commit', async () => {
    const { runtime } = await openRuntime()
    const confused = defineActor({
      type: 'confused',
      contract,
      logic: setup({}).createMachine({
        initial: 'a',
        states: {
          a: { on: { start: { target: 'b', actions: raise({ type: 'start' }, { delay: () => Number('soon') }) } } },
          b: {},
        },
      }),
    })
    const ref = await runtime.spawn(confused, { key: 'c' })
    await ref.send({ type: 'start' })
    await runtime.idle()
    expect((await ref.state()).value).toBe('a')
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('by NaN milliseconds')
  })

  it('of an ended actor fire no more, and hold nothing', async () => {
    const { runtime, clock } = await openRuntime()
    let fired = 0
    const waiting = defineActor({
      type: 'waiting',
      contract,
      logic: setup({}).createMachine({ after: { 1000: { actions: () => fired++ } } }),
    })
    const ref = await runtime.spawn(waiting, { key: 'w' })
    await ref.stop()
    await clock.advance(5_000)
    expect(fired).toBe(0)
    expect(clock.pending).toBe(0)
  })
})
