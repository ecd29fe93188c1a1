import { assign, fromPromise, setup } from 'xstate'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { Migration } from '../../../runtime/persistence/migration.ts'
import { createVirtualClock } from '../../../runtime/testing.ts'
import { defineActor, defineContract, reply } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({
  messages: { 'door.knock': {}, 'door.report': { reply: z.object({ state: z.string(), knocks: z.number() }) } },
})

interface Shape {
  readonly version: string
  /** What its first state is called. */
  readonly first: string
  readonly delay: number
  readonly migrate?: readonly Migration[]
}

function door({ version, first, delay, migrate = [] }: Shape) {
  const machine = setup({
    types: {} as { context: { knocks: number } },
    actors: { look: fromPromise<never>(() => new Promise(() => {})) },
    actions: {
      count: assign({ knocks: ({ context }) => context.knocks + 1 }),
      report: reply(({ context }: { context: { knocks: number } }) => ({ state: first, knocks: context.knocks })),
      reportOpen: reply(({ context }: { context: { knocks: number } }) => ({ state: 'open', knocks: context.knocks })),
    },
  }).createMachine({
    id: 'door',
    context: { knocks: 0 },
    initial: first,
    on: { 'door.knock': { actions: 'count' } },
    states: {
      [first]: { invoke: { src: 'look' }, on: { 'door.report': { actions: 'report' } }, after: { [delay]: 'open' } },
      open: { on: { 'door.report': { actions: 'reportOpen' } } },
    },
  } as never)
  const logic = machine as never
  return defineActor({ type: 'door', contract, logic, durability: 'durable', version, migrate, idempotent: ['look'] })
}

const renamed: Migration = {
  from: '1',
  to: '2',
  renamed: { states: { shut: 'closed' } },
  migrate: ({ value, context }) => ({ value, context: { knocks: (context as { knocks: number }).knocks + 100 } }),
}

async function knocked() {
  const clock = createVirtualClock()
  const journal = gatedJournal()
  const one = door({ version: '1', first: 'shut', delay: 1_000 })
  const { runtime } = await openRuntime({ journal, clock, actors: [one] })
  await (await runtime.spawn(one, { key: 'd' })).send({ type: 'door.knock' })
  await runtime.stop()
  return { clock, journal }
}

describe('a durable actor whose definition has a new version', () => {
  it('goes on in it: state, context, timer and task under their new names', async () => {
    const { clock, journal } = await knocked()
    const two = door({ version: '2', first: 'closed', delay: 1_000, migrate: [renamed] })
    const { runtime } = await openRuntime({ journal, clock, actors: [two] })
    const ref = runtime.ref(two, 'd')
    expect(await ref.ask({ type: 'door.report' })).toEqual({ state: 'closed', knocks: 101 })
    await clock.advance(1_000)
    await vi.waitFor(async () => expect(await ref.ask({ type: 'door.report' })).toEqual({ state: 'open', knocks: 101 }))
    await runtime.stop()
    const again = await openRuntime({ journal, clock, actors: [two] })
    expect(await again.runtime.ref(two, 'd').ask({ type: 'door.report' })).toEqual({ state: 'open', knocks: 101 })
  })

  it('is refused and not lost when the version cannot take it up: the one that wrote it can', async () => {
    const { clock, journal } = await knocked()
    const two = door({ version: '2', first: 'closed', delay: 1_000 })
    const second = await openRuntime({ journal, clock, actors: [two] })
    await expect(second.runtime.ref(two, 'd').ask({ type: 'door.report' })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringContaining("written by version '1'"),
    })
    await second.runtime.stop()
    const one = door({ version: '1', first: 'shut', delay: 1_000 })
    const { runtime } = await openRuntime({ journal, clock, actors: [one] })
    expect(await runtime.ref(one, 'd').ask({ type: 'door.report' })).toEqual({ state: 'shut', knocks: 1 })
  })

  it('is refused when its chart changed without a version', async () => {
    const { clock, journal } = await knocked()
    const changed = door({ version: '1', first: 'shut', delay: 2_000 })
    const { runtime } = await openRuntime({ journal, clock, actors: [changed] })
    await expect(runtime.ref(changed, 'd').ask({ type: 'door.report' })).rejects.toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringContaining("its version '1' did not"),
    })
  })

  it('still gives its result when it ended in a state that is gone', async () => {
    const clock = createVirtualClock()
    const journal = gatedJournal()
    const counter = (version: string, last: string) => {
      const states = { open: { on: { 'door.knock': last } }, [last]: { type: 'final' } }
      const chart = { id: 'counter', initial: 'open', states, output: () => ({ knocks: 1 }) }
      const counted = defineContract({ messages: { 'door.knock': {} }, output: z.object({ knocks: z.number() }) })
      const logic = setup({}).createMachine(chart as never) as never
      return defineActor({ type: 'counter', contract: counted, logic, durability: 'durable', version })
    }
    const one = counter('1', 'over')
    const first = await openRuntime({ journal, clock, actors: [one] })
    await (await first.runtime.spawn(one, { key: 'c' })).send({ type: 'door.knock' })
    await first.runtime.stop()
    const two = counter('2', 'finished')
    const { runtime } = await openRuntime({ journal, clock, actors: [two] })
    expect(await runtime.ref(two, 'c').result()).toEqual({ knocks: 1 })
  })
})
