import { fromCallback, fromEventObservable, fromObservable, fromPromise, fromTransition, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract, fromTask } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const contract = defineContract({
  input: z.number().optional(),
  output: z.unknown(),
  messages: { add: { fields: z.object({ by: z.number() }) } },
})

describe('logic that is no machine, as an actor', () => {
  it('transition logic: its state is the context, a throw commits nothing', async () => {
    const { runtime } = await openRuntime()
    const sum = defineActor({
      type: 'sum',
      contract,
      logic: fromTransition(
        (state: { sum: number }, event: { type: 'add'; by: number }) => {
          if (event.by < 0) throw new Error('no negatives')
          return { sum: state.sum + event.by }
        },
        ({ input }: { input: number | undefined }) => ({ sum: input ?? 0 }),
      ),
    })
    const ref = await runtime.spawn(sum, { key: 's', input: 5 })
    for (const by of [1, -1, 2]) await ref.send({ type: 'add', by })
    await runtime.idle()
    expect((await ref.state()).context).toEqual({ sum: 8 })
    expect(runtime.deadLetters.list()).toMatchObject([{ event: { by: -1 }, error: { code: 'CRASHED' } }])
  })

  it('a promise or task: its result is the output, its error the crash, its stop the abort', async () => {
    const { runtime } = await openRuntime()
    let aborted = false
    const doubling = defineActor({
      type: 'doubling',
      contract,
      logic: fromPromise(async ({ input }: { input: number | undefined }) => {
        if (input === undefined) throw new Error('nothing to double')
        return input * 2
      }),
    })
    const waiting = defineActor({
      type: 'waiting',
      contract,
      logic: fromTask<void, number | undefined>(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true
              reject(new Error('aborted'))
            })
          }),
      ),
    })
    expect(await (await runtime.spawn(doubling, { key: 'd', input: 4 })).result()).toBe(8)
    const failed = await runtime.spawn(doubling, { key: 'e' })
    await expect(failed.result()).rejects.toMatchObject({
      code: 'CRASHED',
      message: expect.stringContaining('nothing to'),
    })
    await (await runtime.spawn(waiting, { key: 'w' })).stop()
    expect(aborted).toBe(true)
    expect(runtime.actors()).toEqual([])
  })

  it('a callback hears every message and is cleaned up', async () => {
    const { runtime } = await openRuntime()
    const log: string[] = []
    const line = defineActor({
      type: 'line',
      contract,
      logic: fromCallback(({ receive, input }) => {
        log.push(`open ${String(input)}`)
        receive((event) => log.push(event.type))
        return () => log.push('closed')
      }),
    })
    const ref = await runtime.spawn(line, { key: 'l', input: 3 })
    await ref.send({ type: 'add', by: 1 })
    await runtime.idle()
    await ref.stop()
    expect(log).toEqual(['open 3', 'add', 'closed'])
  })

  it('an observable ends when it completes', async () => {
    const { runtime } = await openRuntime()
    const subscribe = (listener: { next(value: unknown): void; complete(): void }) => {
      for (const n of [1, 2, 3]) listener.next({ type: 'n', n })
      listener.complete()
      return { unsubscribe: () => {} }
    }
    const logics = {
      values: fromObservable(() => ({ subscribe }) as never),
      events: fromEventObservable(() => ({ subscribe }) as never),
    }
    for (const [type, logic] of Object.entries(logics)) {
      const ref = await runtime.spawn(defineActor({ type, contract, logic }), { key: 'c' })
      await runtime.idle()
      expect((await ref.state()).status).toBe('done')
    }
  })

  it('custom logic that throws at its start is an error of its parent, or CRASHED for its spawner', async () => {
    const { runtime } = await openRuntime()
    const broken = {
      getInitialSnapshot: () => {
        throw new Error('not built')
      },
      start: () => {},
      transition: (snapshot: unknown) => snapshot,
      getPersistedSnapshot: (snapshot: unknown) => snapshot,
    } as never
    const { start: _, ...steppable } = broken as Record<string, unknown>
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({ actors: { broken } }).createMachine({
        initial: 'on',
        states: { on: { invoke: { src: 'broken' as never, onError: 'refused' } }, refused: {} },
      }),
    })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await runtime.idle()
    expect((await ref.state()).value).toBe('refused')
    const root = defineActor({ type: 'root', contract, logic: steppable as never })
    expect(await code(runtime.spawn(root, { key: 'r' }))).toBe('CRASHED')
    expect((await (await runtime.spawn(counterActor(), { key: 'c' })).state()).status).toBe('active')
  })
})
