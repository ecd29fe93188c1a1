import { type ContractTypes, defineActor, defineContract } from 'troupe'
import { createSimulation, EVERY_FAULT, explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { setup } from 'xstate'
import { z } from 'zod'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectOrder } from './sent-messages.ts'

const contract = defineContract({
  messages: { 'note.add': { fields: z.object({ id: z.string() }) } },
})

// Two nodes that both spawn one address, and two that send to it. Resolves to how many messages it took.
async function notes(world: Simulation): Promise<number> {
  const applied: string[] = []
  const machine = setup({ types: {} as ContractTypes<typeof contract> }).createMachine({
    on: { 'note.add': { actions: ({ event }) => applied.push(event.id) } },
  })
  const note = defineActor({ type: 'note', contract, logic: machine })
  const transport = memory({ clock: world.clock })
  const hosts = ['left', 'right'].map((name) => world.node(name, { transport, actors: [note] }))
  const clients = ['near', 'far'].map((name) => world.node(name, { transport }))
  const sent = createSentMessages()

  async function spawn(host: SimulatedNode): Promise<void> {
    for (let count = 0; count < 4; count++) {
      await host.call((runtime) => runtime.spawn(note, { key: 'n' })).catch(() => {})
      const active = await Promise.all(
        hosts.map((node) => persistently(world, () => node.call(async (r) => r.actors()))),
      )
      expect(active.flat().length, 'an address has one actor').toBeLessThanOrEqual(1)
      await world.pass(world.random.next() * 600)
    }
  }

  async function send({ name, call }: SimulatedNode): Promise<void> {
    for (let count = 0; count < 8; count++) {
      const id = `${name}:${count}`
      const sending = sent.track(
        id,
        call((runtime) => runtime.ref(note, 'n').send({ type: 'note.add', id })),
      )
      if (world.random.next() < 0.5) await sending
      await world.pass(world.random.next() * 300)
    }
  }

  await world.run(() => Promise.all([...hosts.map(spawn), ...clients.map(send)]))
  await world.settle()
  expect(applied, 'nothing is applied twice').toEqual([...new Set(applied)])
  expect(applied.filter((id) => !sent.sent.includes(id))).toEqual([])
  expectOrder(applied)
  return applied.length
}

describe('messages to ephemeral actors', () => {
  it('are applied once at most, in order per sender, by one actor at a time', async () => {
    let applied = 0
    const { seeds } = await explore(
      { seeds: seedCount(0.1), faults: { ...EVERY_FAULT, duplicate: 0 } },
      async (world) => void (applied += await notes(world)),
    )
    expect(applied).toBeGreaterThan(seeds)
  })

  // What goes by the wire and what goes by memory do not wait for each other. Once a node's own actors can move to it while
  // messages to them are under way, this has to hold.
  it.fails('keep their order when the actor starts on the sender itself while a message is on its way', async () => {
    const world = createSimulation({ seed: 1, faults: { delay: 1 } })
    const applied: string[] = []
    const machine = setup({ types: {} as ContractTypes<typeof contract> }).createMachine({
      on: { 'note.add': { actions: ({ event }) => applied.push(event.id) } },
    })
    const note = defineActor({ type: 'note', contract, logic: machine })
    const node = world.node('node', { transport: memory({ clock: world.clock }), actors: [note] })
    await world.run(() =>
      node.call(async (runtime) => {
        const first = runtime.ref(note, 'n').send({ type: 'note.add', id: 'x:0' })
        const ref = await runtime.spawn(note, { key: 'n' })
        await ref.send({ type: 'note.add', id: 'x:1' })
        await first
      }),
    )
    expect(applied).toEqual(['x:0', 'x:1'])
  })
})
