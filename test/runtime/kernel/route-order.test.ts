import { setup } from 'xstate'
import { z } from 'zod'
import { expect, it } from 'vitest'
import { createRuntime, defineActor, defineContract, type Journal } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { pause } from '../../support/runtime/outcome.ts'

const says = defineContract({ messages: { 'kid.hear': { fields: z.object({ word: z.string() }) } } })
const goes = defineContract({ messages: { 'parent.go': {} } })

/** A journal that takes its time to find what is, or is not, at an address with the text in it. */
function slowToRead(part: string): Journal {
  const inner = memoryJournal()
  return {
    ...inner,
    async own(...facts) {
      const shard = await inner.own(...facts)
      const reads = Object.entries(shard).filter(([name]) => name.startsWith('read'))
      const slow = reads.map(([name, read]) => [
        name,
        async (wanted: unknown) => {
          if (String(wanted).includes(part)) await pause(50)
          return (read as (wanted: unknown) => unknown)(wanted)
        },
      ])
      return { ...shard, ...(Object.fromEntries(slow) as Partial<typeof shard>) }
    },
  }
}

// Who waits for the journal to say that nobody is there has to be first at the child that its parent starts meanwhile.
it('a message that waits for the journal is not overtaken when a chart starts its durable receiver meanwhile', async () => {
  const heard: string[] = []
  const kid = setup({
    types: {} as { events: { type: 'kid.hear'; word: string } },
    actions: { hear: ({ event }) => void heard.push(event.word) },
  }).createMachine({ on: { 'kid.hear': { actions: 'hear' } } })
  const child = defineActor({ type: 'kid', contract: says, logic: kid, durability: 'durable' })
  const parent = defineActor({
    type: 'parent',
    contract: goes,
    durability: 'durable',
    logic: setup({ types: {} as { events: { type: 'parent.go' } }, actors: { kid } }).createMachine({
      initial: 'alone',
      states: { alone: { on: { 'parent.go': 'kept' } }, kept: { invoke: { src: 'kid', id: 'k' } } },
    }),
  })
  const runtime = await createRuntime({ realm: 'r', journal: slowToRead('/k'), actors: [parent, child] })
  try {
    const ref = runtime.ref(child, 'parent/p/k')
    const owner = await runtime.spawn(parent, { key: 'p' })
    const first = ref.send({ type: 'kid.hear', word: 'first' })
    await owner.send({ type: 'parent.go' })
    expect(runtime.actors()).toContain(ref.address)
    await Promise.all([ref.send({ type: 'kid.hear', word: 'second' }), first])
    expect(heard).toEqual(['first', 'second'])
  } finally {
    await runtime.stop()
  }
})
