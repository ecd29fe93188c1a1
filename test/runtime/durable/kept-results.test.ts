import { createRuntime, defineActor, defineContract, type Runtime } from 'troupe'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { setup } from 'xstate'
import { z } from 'zod'

const contract = defineContract({ input: z.number(), output: z.number(), messages: {} })

const started: number[] = []

const squarer = defineActor({
  type: 'squarer',
  contract,
  durability: 'durable',
  logic: setup({
    types: {} as { input: number; context: { value: number }; output: number },
    actions: { note: ({ context }) => void started.push(context.value) },
  }).createMachine({
    context: ({ input }) => ({ value: input }),
    initial: 'done',
    states: { done: { type: 'final', entry: 'note' } },
    output: ({ context }) => context.value ** 2,
  }),
})

// More than memory keeps of those that have ended.
const NUMBERS = Array.from({ length: 2_000 }, (_, index) => index)

async function squareAll(runtime: Runtime): Promise<readonly number[]> {
  const spawned = NUMBERS.map((input) => runtime.spawn(squarer, { key: `s-${input}`, input }))
  return Promise.all((await Promise.all(spawned)).map((ref) => ref.result()))
}

describe('results of durable actors', () => {
  it('are all there for who asks for many at once, and their actors do not begin again', async () => {
    const journal = memoryJournal()
    const squares = NUMBERS.map((input) => input ** 2)
    const first = await createRuntime({ journal, actors: [squarer] })
    expect(await squareAll(first)).toEqual(squares)
    await first.stop()
    const second = await createRuntime({ journal, actors: [squarer] })
    expect(await squareAll(second)).toEqual(squares)
    expect(started).toHaveLength(NUMBERS.length)
    await second.stop()
  })
})
