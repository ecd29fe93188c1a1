import { setup } from 'xstate'
import { z } from 'zod'
import { afterEach, describe, expect, it } from 'vitest'
import {
  address,
  createRuntime,
  defineActor,
  defineContract,
  reply,
  type Runtime,
  tell,
  type Transport,
} from '../../runtime/index.ts'
import { memory } from '../../transports/memory/index.ts'
import { code, pause } from '../support/runtime/outcome.ts'

const contract = defineContract({
  messages: {
    'word.say': { fields: z.object({ word: z.string() }) },
    'word.ask': { fields: z.object({ word: z.string(), answer: z.boolean().default(true) }), reply: z.void() },
  },
})

/** An actor that notes what it hears, in the order it hears it. */
function listener(): { ear: ReturnType<typeof defineEar>; heard: string[] } {
  const heard: string[] = []
  return { heard, ear: defineEar(heard) }
}

function defineEar(heard: string[]) {
  return defineActor({
    type: 'ear',
    contract,
    logic: setup({ types: {} as { events: { type: string; word: string; answer: boolean } } }).createMachine({
      on: {
        'word.say': { actions: ({ event }) => void heard.push(event.word) },
        'word.ask': [
          {
            guard: ({ event }) => event.answer,
            actions: [({ event }) => void heard.push(event.word), reply(undefined)],
          },
          { actions: ({ event }) => void heard.push(event.word) },
        ],
      },
    }),
  })
}

const mouth = defineActor({
  type: 'mouth',
  contract,
  logic: setup({ types: {} as { events: { type: string; word: string } } }).createMachine({
    on: {
      'word.say': {
        actions: tell(address('r', 'ear', 'e'), ({ event }) => ({ type: 'word.say', word: event.word })),
      },
    },
  }),
})

/** A wire on which requests can be held up, in their order. */
interface HeldWire extends Transport {
  readonly requests: number
  hold(): void
  /** Lets one of them through. */
  letOne(): void
  letAll(): void
  /** The next request gets lost without a word. */
  loseNext(): void
}

function heldWire(): HeldWire {
  const wire = memory()
  const held: (() => void)[] = []
  let requests = 0
  let [holding, losing] = [false, false]
  return {
    name: 'held',
    get requests() {
      return requests
    },
    hold: () => void (holding = true),
    letOne: () => held.shift()?.(),
    letAll() {
      holding = false
      for (const pass of held.splice(0)) pass()
    },
    loseNext: () => void (losing = true),
    join: (node) =>
      wire.join({
        ...node,
        async handle(frame) {
          requests++
          const lost = losing
          losing = false
          if (lost || holding) await new Promise<void>((resolve) => void (lost || held.push(resolve)))
          return node.handle(frame)
        },
      }),
  }
}

describe('what one sender says to an actor that starts on its own node', () => {
  const opened: Runtime[] = []

  afterEach(async () => {
    for (const runtime of opened.splice(0)) await runtime.stop()
  })

  async function open() {
    const wire = heldWire()
    const { ear, heard } = listener()
    const runtime = await createRuntime({ realm: 'r', transport: wire, actors: [ear, mouth] })
    opened.push(runtime)
    return { wire, ear, heard, runtime, ref: runtime.ref(ear, 'e') }
  }

  it('is not overtaken on the wire after it was given up: an ask that timed out', async () => {
    const { wire, ear, heard, runtime, ref } = await open()
    wire.hold()
    expect(await code(ref.ask({ type: 'word.ask', word: 'first', answer: false }, { timeout: 20 }))).toBe('TIMEOUT')
    await runtime.spawn(ear, { key: 'e' })
    const second = ref.send({ type: 'word.say', word: 'second' })
    wire.letOne()
    await pause(5)
    wire.letAll()
    await second
    expect(heard.at(-1)).toBe('second')
  })

  it('is not overtaken on the wire after it was given up: an ask that was aborted', async () => {
    const { wire, ear, heard, runtime, ref } = await open()
    const controller = new AbortController()
    wire.hold()
    const first = code(ref.ask({ type: 'word.ask', word: 'first' }, { signal: controller.signal }))
    await pause(5)
    controller.abort()
    expect(await first).toBe('CANCELLED')
    await runtime.spawn(ear, { key: 'e' })
    const second = ref.send({ type: 'word.say', word: 'second' })
    wire.letOne()
    await pause(5)
    wire.letAll()
    await second
    expect(heard).toEqual(['first', 'second'])
  })

  it('goes by memory again once what went before has arrived, answered or not', async () => {
    const { wire, ear, heard, runtime, ref } = await open()
    wire.hold()
    const first = ref.send({ type: 'word.say', word: 'first' })
    await runtime.spawn(ear, { key: 'e' })
    const asked = code(ref.ask({ type: 'word.ask', word: 'asked', answer: false }, { timeout: 200 }))
    await pause(5)
    wire.letAll()
    await first
    await pause(5)
    expect(wire.requests).toBe(2)
    await ref.send({ type: 'word.say', word: 'third' })
    expect(wire.requests).toBe(2)
    await runtime.idle()
    expect(heard).toEqual(['first', 'asked', 'third'])
    expect(await asked).toBe('TIMEOUT')
  })

  it('does not keep another sender from memory, nor the same one from another actor', async () => {
    const { wire, ear, heard, runtime, ref } = await open()
    const other = await runtime.spawn(ear, { key: 'other' })
    const speaker = await runtime.spawn(mouth, { key: 'm' })
    wire.hold()
    const first = ref.send({ type: 'word.say', word: 'first' })
    await runtime.spawn(ear, { key: 'e' })
    await other.send({ type: 'word.say', word: 'to another' })
    await speaker.send({ type: 'word.say', word: 'from another' })
    await runtime.idle()
    expect(heard).toEqual(['to another', 'from another'])
    wire.letAll()
    await first
    await runtime.idle()
    expect(heard).toEqual(['to another', 'from another', 'first'])
  })

  it('does not wait for what the wire has lost', async () => {
    const { wire, ear, heard, runtime, ref } = await open()
    wire.loseNext()
    void ref.send({ type: 'word.say', word: 'lost' })
    await runtime.spawn(ear, { key: 'e' })
    await ref.send({ type: 'word.say', word: 'second' })
    await ref.ask({ type: 'word.ask', word: 'third' }, { timeout: '5s' })
    expect(heard).toEqual(['second', 'third'])
  })

  it('goes by memory while the node stops: nothing comes off the wire any more that it could overtake', async () => {
    const { wire, ear, heard, runtime } = await open()
    const speaker = await runtime.spawn(mouth, { key: 'm' })
    wire.loseNext()
    await speaker.send({ type: 'word.say', word: 'lost' })
    await pause(5)
    await runtime.spawn(ear, { key: 'e' })
    void speaker.send({ type: 'word.say', word: 'last' })
    await runtime.stop()
    expect(heard).toEqual(['last'])
  })
})
