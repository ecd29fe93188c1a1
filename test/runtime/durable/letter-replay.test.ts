import { assign, fromPromise, setup } from 'xstate'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type ActorOptions, type ContractTypes, defineActor, defineContract, reply } from '../../../runtime/index.ts'
import { TroupeError } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({
  messages: { 'mill.add': {}, 'mill.get': { reply: z.number() }, 'mill.work': {}, 'mill.wait': {}, 'mill.home': {} },
})

/** An actor whose every count fails while it is broken: of messages, of its work's end, of its timer, of its own reminder. */
function mill(options: Partial<ActorOptions<typeof contract>> = {}) {
  const state = { broken: true }
  const logic = setup({
    types: {} as ContractTypes<typeof contract> & { context: { n: number } },
    actors: { work: fromPromise(async () => 10) },
    actions: {
      add: assign({
        n: ({ context, event }) => {
          if (state.broken) throw new Error('broken')
          return context.n + ((event as { output?: number }).output ?? 1)
        },
      }),
      tell: reply(({ context }) => (context as { n: number }).n),
    },
  }).createMachine({
    id: 'mill',
    context: { n: 0 },
    initial: 'home',
    on: { 'mill.get': { actions: 'tell' }, 'mill.home': { target: '.home' } },
    states: {
      home: {
        on: { 'mill.add': { actions: 'add' }, 'mill.work': { target: 'busy' }, 'mill.wait': { target: 'waiting' } },
      },
      busy: { invoke: { id: 'w', src: 'work', onDone: { target: 'home', actions: 'add' } } },
      waiting: { after: { 1000: { target: 'home', actions: 'add' } } },
    },
  })
  const actor = defineActor({ type: 'mill', contract, logic, durability: 'durable', attempts: 1, ...options })
  return { actor, state }
}

async function opened(options: Partial<ActorOptions<typeof contract>> = {}) {
  const { actor, state } = mill(options)
  const journal = gatedJournal()
  const { runtime, clock } = await openRuntime({ journal, actors: [actor] })
  const ref = await runtime.spawn(actor, { key: 'a' })
  /** The id of the letter that comes of a message, with the actor mended. */
  const letterOf = async (type: 'mill.add' | 'mill.work' | 'mill.wait'): Promise<string> => {
    await ref.send({ type }).catch(() => {})
    if (type === 'mill.wait') await clock.advance('2s')
    const letters = await vi.waitFor(async () => {
      const kept = await runtime.deadLetters.kept()
      expect(kept).toHaveLength(1)
      return kept
    })
    state.broken = false
    return letters[0]?.id ?? ''
  }
  return { journal, runtime, clock, ref, letterOf }
}

describe('the replay of a dead letter', () => {
  it('processes the message once, however many ask for it at once', async () => {
    const { runtime, ref, letterOf } = await opened()
    const id = await letterOf('mill.add')
    const { deadLetters } = runtime
    await Promise.all([
      deadLetters.replay(id),
      deadLetters.replay(id),
      runtime.as({ id: 'root', grants: ['*'] }).deadLetters.replay(id),
    ])
    expect(await ref.ask({ type: 'mill.get' })).toBe(1)
    await expect(deadLetters.replay(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is not joined without the grant', async () => {
    const { runtime, letterOf } = await opened()
    const id = await letterOf('mill.add')
    const replay = runtime.deadLetters.replay(id)
    const stranger = runtime.as({ id: 'stranger', grants: [] })
    await expect(stranger.deadLetters.replay(id)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(stranger.deadLetters.discard(id)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await replay
  })

  it('is refused when the shard is lost before its turn; the letter stays', async () => {
    const { runtime, clock, ref, journal, letterOf } = await opened({ mailbox: { capacity: 20_000 } })
    const id = await letterOf('mill.add')
    const before = Array.from({ length: 8_000 }, () => ref.send({ type: 'mill.add' }))
    const replay = runtime.deadLetters.replay(id)
    journal.failNext(new TroupeError('STORAGE', 'the disk failed'))
    await expect(replay).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      hint: expect.stringContaining('again') as string,
    })
    await Promise.allSettled(before)
    await clock.advance('1s')
    await runtime.deadLetters.replay(id)
    expect(await ref.ask({ type: 'mill.get' })).toBe(1)
  })

  it('is refused when the runtime stops before its turn', async () => {
    const { runtime, clock, ref, letterOf } = await opened({ mailbox: { capacity: 20_000 } })
    const id = await letterOf('mill.add')
    for (let count = 0; count < 8_000; count++) void ref.send({ type: 'mill.add' })
    const replay = runtime.deadLetters.replay(id).catch((error: unknown) => error)
    await new Promise((resolve) => setImmediate(resolve))
    const stopped = runtime.stop({ drain: '1ms' })
    await clock.advance('1ms')
    await stopped
    expect(await replay).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it.each([
    ['the end of its work', 'mill.work', 10],
    ['a timer', 'mill.wait', 1],
  ] as const)('says again what the chart failed on: %s', async (_, type, total) => {
    const { runtime, ref, letterOf } = await opened()
    const id = await letterOf(type)
    await runtime.deadLetters.replay(id)
    expect((await ref.state()).value).toBe('home')
    expect(await ref.ask({ type: 'mill.get' })).toBe(total)
    expect(await runtime.deadLetters.kept()).toEqual([])
  })

  it.each(['mill.work', 'mill.wait'] as const)(
    'does not say to a later state what belonged to an earlier one: %s',
    async (type) => {
      const { runtime, ref, letterOf } = await opened()
      const id = await letterOf(type)
      const passed = { code: 'REJECTED', hint: expect.stringContaining('discard') as string }
      await ref.send({ type: 'mill.home' })
      await expect(runtime.deadLetters.replay(id)).rejects.toMatchObject(passed)
      await ref.send({ type: 'mill.wait' })
      await expect(runtime.deadLetters.replay(id)).rejects.toMatchObject(passed)
      expect(await runtime.deadLetters.kept()).toHaveLength(1)
      expect(await ref.ask({ type: 'mill.get' })).toBe(0)
    },
  )

  it('of a message that the actor refuses in its state leaves the letter', async () => {
    const { runtime, ref, letterOf } = await opened({ unhandled: 'reject' })
    const id = await letterOf('mill.add')
    await ref.send({ type: 'mill.wait' })
    await expect(runtime.deadLetters.replay(id)).rejects.toMatchObject({ code: 'REJECTED' })
    await ref.send({ type: 'mill.home' })
    await runtime.deadLetters.replay(id)
    expect(await ref.ask({ type: 'mill.get' })).toBe(1)
  })
})
