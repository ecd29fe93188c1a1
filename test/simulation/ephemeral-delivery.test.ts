import { address, type ContractTypes, defineActor, defineContract, reply, tell } from 'troupe'
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

const NOTE = address('local', 'note', 'n')
const roamingContract = defineContract({
  messages: {
    'note.add': { fields: z.object({ id: z.string() }) },
    'note.ask': { fields: z.object({ id: z.string(), answer: z.boolean() }), reply: z.void() },
  },
})
const teller = defineActor({
  type: 'teller',
  contract,
  logic: setup({ types: {} as ContractTypes<typeof contract> }).createMachine({
    on: { 'note.add': { actions: tell(NOTE, ({ event }) => ({ type: 'note.add', id: event.id })) } },
  }),
})

interface Roaming {
  readonly applied: readonly string[]
  readonly sent: readonly string[]
  /** How often the actor started on a node that had messages to it under way. */
  readonly meetings: number
}

// Nodes that all send to one address, from outside and out of an actor, and on which its actor starts and stops.
async function roam(world: Simulation): Promise<Roaming> {
  const applied: string[] = []
  const sent: string[] = []
  let meetings = 0
  const note = defineActor({
    type: 'note',
    contract: roamingContract,
    logic: setup({ types: {} as ContractTypes<typeof roamingContract> }).createMachine({
      on: {
        'note.add': { actions: ({ event }) => applied.push(event.id) },
        'note.ask': [
          { guard: ({ event }) => event.answer, actions: [({ event }) => applied.push(event.id), reply(undefined)] },
          { actions: ({ event }) => applied.push(event.id) },
        ],
      },
    }),
  })
  const transport = memory({ clock: world.clock })
  const nodes = ['a', 'b', 'c'].map((name) => world.node(name, { transport, actors: [note, teller] }))
  const draw = (limit: number): number => Math.floor(world.random.next() * limit)

  async function live({ name, call }: SimulatedNode): Promise<void> {
    let count = 0
    let open = 0
    const say = (): Promise<unknown> => {
      const id = `${name}:${count++}`
      sent.push(id)
      open++
      const saying = call(async (runtime) => {
        const ref = runtime.ref(note, 'n')
        const kind = draw(4)
        if (kind < 2) return ref.send({ type: 'note.add', id })
        const controller = new AbortController()
        const timeout = kind === 2 ? 1 + draw(1_500) : 60_000
        const asking = ref.ask({ type: 'note.ask', id, answer: draw(3) > 0 }, { timeout, signal: controller.signal })
        if (draw(3) === 0) void world.pass(draw(800)).then(() => controller.abort())
        return asking
      })
      return saying.catch(() => {}).finally(() => open--)
    }
    const start = (): Promise<unknown> =>
      call(async (runtime) => {
        await runtime.spawn(note, { key: 'n' })
        if (open > 0 && runtime.actors().includes(NOTE)) meetings++
      })
    const stop = (): Promise<unknown> => call((runtime) => runtime.ref(note, 'n').stop())
    const pass = (): Promise<unknown> => {
      const id = `teller-${name}:${count++}`
      sent.push(id)
      return call(async (runtime) => {
        const ref = await runtime.spawn(teller, { key: name })
        await ref.send({ type: 'note.add', id })
      })
    }
    const moves = [say, say, say, pass, pass, start, start, stop]
    for (let step = 0; step < 24; step++) {
      const moving = (moves[draw(moves.length)] as () => Promise<unknown>)().catch(() => {})
      if (draw(4) === 0) await Promise.race([moving, world.pass('2s')])
      if (draw(3) === 0) await world.pass(draw(400))
    }
  }

  await world.run(async () => {
    await Promise.all(nodes.map(live))
    await world.pass('2m')
  })
  await world.settle()
  return { applied, sent, meetings }
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

  it('are applied once at most, in order per sender, wherever the actor starts while they are on their way', async () => {
    let [applied, meetings] = [0, 0]
    const faults = { ...EVERY_FAULT, duplicate: 0 }
    const { seeds } = await explore({ seeds: seedCount(0.1), faults }, async (world) => {
      const roaming = await roam(world)
      expect(roaming.applied, 'nothing is applied twice').toEqual([...new Set(roaming.applied)])
      expect(roaming.applied.filter((id) => !roaming.sent.includes(id))).toEqual([])
      expectOrder(roaming.applied)
      applied += roaming.applied.length
      meetings += roaming.meetings
    })
    expect(applied).toBeGreaterThan(seeds)
    expect(meetings, 'starts on the node of a sender that waits').toBeGreaterThan(seeds)
  })

  it('keep their order on a wire that repeats them, each at its first coming', async () => {
    let applied = 0
    const { seeds } = await explore({ seeds: seedCount(0.05) }, async (world) => {
      const first = new Set((await roam(world)).applied)
      expectOrder([...first])
      applied += first.size
    })
    expect(applied).toBeGreaterThan(seeds)
  })

  it('keep their order when the actor starts on the sender itself while a message is on its way', async () => {
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
