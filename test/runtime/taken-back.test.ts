import { fromPromise, raise, sendTo, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: { reset: {}, leave: {}, hire: {} } })

describe('what a chart took back does not reach it', () => {
  it('a timer that fired while a message before it stood in the mailbox', async () => {
    const { runtime, clock } = await openRuntime()
    const debounced = defineActor({
      type: 'debounced',
      contract,
      logic: setup({}).createMachine({
        initial: 'waiting',
        states: {
          waiting: {
            entry: raise({ type: 'reset' }, { delay: 60 }),
            after: { 100: 'quiet' },
            on: { reset: { target: 'waiting', reenter: true } },
          },
          quiet: {},
        },
      }),
    })
    const ref = await runtime.spawn(debounced, { key: 'a' })
    // Both are overdue at once, the reset first: it takes the other back.
    await clock.setTo(clock.now() + 150)
    expect((await ref.state()).value).toBe('waiting')
  })

  it('the end of a task whose state was left and entered anew', async () => {
    const { runtime, clock } = await openRuntime()
    const releases: ((value: string) => void)[] = []
    const outputs: unknown[] = []
    const worker = defineActor({
      type: 'worker',
      contract,
      logic: setup({
        actors: { work: fromPromise(() => new Promise<string>((resolve) => releases.push(resolve))) },
      }).createMachine({
        initial: 'busy',
        states: {
          busy: {
            invoke: {
              id: 'work',
              src: 'work',
              onDone: { target: 'done', actions: ({ event }) => outputs.push(event.output) },
            },
            on: { reset: { target: 'busy', reenter: true } },
          },
          done: {},
        },
      }),
    })
    const ref = await runtime.spawn(worker, { key: 'a' })
    const counter = counterActor()
    const crowd = await Promise.all(['b', 'c'].map((key) => runtime.spawn(counter, { key })))
    // So many messages that IO has its turn before the reset: the task ends behind it, in the same mailbox.
    for (let n = 0; n < 600; n++) for (const other of crowd) void other.send({ type: 'counter.add', by: 1 })
    void ref.send({ type: 'reset' })
    releases[0]?.('stale')
    await clock.advance(0)
    expect((await ref.state()).value).toBe('busy')
    releases[1]?.('fresh')
    await clock.advance(0)
    expect(outputs).toEqual(['fresh'])
  })

  it('the end of a child that was stopped and started anew by a message before it', async () => {
    const { runtime, clock } = await openRuntime()
    const ends: unknown[] = []
    const child = setup({ types: {} as { output: string } }).createMachine({
      initial: 'on',
      states: { on: { on: { finish: 'off' } }, off: { type: 'final' } },
      output: 'ended',
    })
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({ actors: { child } }).createMachine({
        initial: 'on',
        states: {
          on: {
            invoke: { id: 'child', src: 'child', onDone: { actions: ({ event }) => ends.push(event.output) } },
            on: {
              // In the mailboxes then stand: finish for the child, the reset, and behind them the end of the child.
              leave: { actions: [sendTo('child', { type: 'finish' }), ({ self }) => self.send({ type: 'reset' })] },
              reset: { target: 'on', reenter: true },
            },
          },
        },
      }),
    })
    const ref = await runtime.spawn(parent, { key: 'a' })
    await ref.send({ type: 'leave' })
    await clock.advance(0)
    expect(runtime.actors()).toHaveLength(2)
    expect(ends).toEqual([])
  })
})
