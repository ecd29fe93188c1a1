import { assign, fromPromise, setup } from 'xstate'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../../actors/index.ts'
import {
  type ActorDefinition,
  type ContractTypes,
  defineActor,
  defineContract,
  reply,
  TroupeError,
} from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()
const contract = defineContract({
  messages: { 'job.go': {}, 'job.look': { reply: z.object({ found: z.unknown() }) } },
})

/** An actor that keeps what its work comes to, as people write it. */
function keeper(work: () => Promise<unknown>): ActorDefinition<typeof contract> {
  const machine = setup({
    types: {} as ContractTypes<typeof contract> & { context: { found: unknown } },
    actors: { work: fromPromise(work) },
    actions: {
      keepError: assign({ found: ({ event }) => (event as unknown as { error: unknown }).error }),
      keepOutput: assign({ found: ({ event }) => (event as unknown as { output: unknown }).output }),
      look: reply(({ context }) => ({ found: (context as { found: unknown }).found })),
    },
  }).createMachine({
    id: 'job',
    context: { found: null },
    initial: 'idle',
    on: { 'job.look': { actions: 'look' } },
    states: {
      idle: { on: { 'job.go': { target: 'busy' } } },
      busy: {
        invoke: {
          id: 'w',
          src: 'work',
          onDone: { target: 'idle', actions: 'keepOutput' },
          onError: { target: 'idle', actions: 'keepError' },
        },
      },
    },
  })
  return defineActor({ type: 'job', contract, logic: machine, durability: 'durable', idempotent: ['work'] })
}

async function found(work: () => Promise<unknown>) {
  const actor = keeper(work)
  let lost = 0
  const opened = await openRuntime({
    journal: gatedJournal(),
    actors: [actor, tally],
    inspect: (record) => {
      if (record.kind === 'shard' && record.state === 'lost') lost++
    },
  })
  const ref = await opened.runtime.spawn(actor, { key: 'a' })
  const innocent = await opened.runtime.spawn(tally, { key: 'b' })
  await ref.send({ type: 'job.go' })
  await vi.waitFor(async () => expect((await ref.state()).value).toBe('idle'))
  await innocent.send({ type: 'tally.add', by: 1 })
  const look = await ref.ask({ type: 'job.look' })
  return { found: look.found, lost: () => lost, ...opened }
}

describe('what a durable actor cannot write down', () => {
  it('is no error: its chart gets that as data, and may keep it', async () => {
    const { found: kept, lost } = await found(() => Promise.reject(new Error('no network')))
    expect(kept).toMatchObject({ code: 'CRASHED', message: 'no network' })
    expect(lost()).toBe(0)
  })

  it.each([
    ['a map', () => new Map([[1, 2]])],
    ['a URL', () => new URL('file:///a')],
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('s')],
  ])('is an error of the work that came to it: %s', async (_, make) => {
    const { found: kept, lost } = await found(async () => make())
    expect(kept).toMatchObject({ code: 'INVALID_MESSAGE', message: expect.stringContaining("'w'") as string })
    expect(lost()).toBe(0)
  })

  it('is left out of the errors of its work', async () => {
    const error = new TroupeError('TOOL_FAILED', 'it broke', { data: { retry: () => 1 } })
    const { found: kept, lost } = await found(() => Promise.reject(error))
    expect(kept).toEqual({ name: 'TroupeError', code: 'TOOL_FAILED', message: 'it broke' })
    expect(lost()).toBe(0)
  })

  it.each([5_000, 100_000])('is a message nested %i deep: it is refused', async (depth) => {
    let deep: unknown = 1
    for (let level = 0; level < depth; level++) deep = [deep]
    const open = defineContract({ messages: { 'any.put': { fields: z.object({ value: z.unknown() }) } } })
    const actor = defineActor({
      type: 'any',
      contract: open,
      logic: setup({}).createMachine({ id: 'any' }),
      durability: 'durable',
      unhandled: 'stash',
    })
    const { runtime } = await openRuntime({ journal: gatedJournal(), actors: [actor], freezeMessages: false })
    const ref = await runtime.spawn(actor, { key: 'a' })
    await expect(ref.send({ type: 'any.put', value: deep })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    await ref.send({ type: 'any.put', value: 1 })
  })

  it('fails the step of a durable run that came to it', async () => {
    const workflow = defineWorkflow('odd', { durability: 'durable' })
      .step('fine', { run: () => 1 })
      .step('odd', { idempotent: true, optional: true, run: () => new Headers() })
      .map('many', { over: () => [1, 2], run: ({ item }) => (item === 1 ? new Map() : item) })
    const { runtime } = await openRuntime({ journal: gatedJournal(), actors: [workflow] })
    const output = await (await runtime.spawn(workflow, { key: 'r' })).result()
    expect(output.steps.map(({ name, status }) => [name, status])).toEqual([
      ['fine', 'done'],
      ['odd', 'failed'],
      ['many', 'failed'],
    ])
    expect(output.steps[1]?.reason).toContain('cannot be written down')
  })

  it('costs one actor, not the node, should it get as far as the journal', async () => {
    const journal = gatedJournal()
    const { runtime, clock } = await openRuntime({ journal, actors: [tally] })
    const [a, b] = [await runtime.spawn(tally, { key: 'a' }), await runtime.spawn(tally, { key: 'b' })]
    journal.failNext(new TroupeError('INVALID_MESSAGE', 'it cannot be written', { where: 'local/tally/a' }))
    await expect(b.send({ type: 'tally.add', by: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await clock.advance('1s')
    expect(await b.ask({ type: 'tally.get' })).toEqual({ total: 0 })
    await expect(a.ask({ type: 'tally.get' })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  })
})
