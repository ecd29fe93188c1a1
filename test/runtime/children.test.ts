import { fromCallback, fromPromise, sendTo, setup, spawnChild } from 'xstate'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract, type Hands } from '../../runtime/index.ts'
import { fromTask } from '../../runtime/kernel/from-task.ts'
import { counterActor, counterMachine } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: { go: {}, end: {} } })
const counter = counterActor()

describe('a child with a definition of its own', () => {
  it('has an address of its own under parents of any type with one key, and takes messages there', async () => {
    const { runtime } = await openRuntime({ actors: [counter] })
    const parents = ['one', 'two'].map((type) =>
      defineActor({
        type,
        contract,
        logic: setup({ actors: { counter: counterMachine } }).createMachine({
          invoke: { id: 'tally', src: 'counter', input: undefined },
        }),
      }),
    )
    for (const parent of parents) await runtime.spawn(parent, { key: 'same' })
    const children = runtime.actors().filter((address) => address.startsWith('local/counter/'))
    expect(children).toEqual(['local/counter/one/same/tally', 'local/counter/two/same/tally'])
    await runtime.ref(children[0] ?? '').send({ type: 'counter.add', by: 3 } as never)
    expect((await runtime.ref(counter, 'one/same/tally').ask({ type: 'counter.get' })).count).toBe(3)
    expect((await runtime.ref(counter, 'two/same/tally').ask({ type: 'counter.get' })).count).toBe(0)
  })

  it('is an error of its parent when somebody lives at its address', async () => {
    const { runtime } = await openRuntime({ actors: [counter] })
    await runtime.spawn(counter, { key: 'parent/p/tally', input: { start: 9 } })
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({ actors: { counter: counterMachine } }).createMachine({
        initial: 'on',
        states: { on: { invoke: { id: 'tally', src: 'counter', input: undefined, onError: 'refused' } }, refused: {} },
      }),
    })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await runtime.idle()
    expect((await ref.state()).value).toBe('refused')
    expect((await runtime.ref(counter, 'parent/p/tally').ask({ type: 'counter.get' })).count).toBe(9)
  })
})

describe('a child that comes under an id in use', () => {
  it('takes the place of the former, which is stopped', async () => {
    const { runtime } = await openRuntime()
    const log: string[] = []
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({
        actors: {
          line: fromCallback(() => {
            log.push('open')
            return () => log.push('closed')
          }),
          machine: setup({}).createMachine({}),
        },
      }).createMachine({
        on: { go: { actions: [spawnChild('line', { id: 'x' }), spawnChild('machine', { id: 'y' })] } },
      }),
    })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await ref.send({ type: 'go' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect(log).toEqual(['open', 'closed', 'open'])
    expect(runtime.actors()).toHaveLength(2)
    await ref.stop()
    expect(log).toEqual(['open', 'closed', 'open', 'closed'])
    expect(runtime.actors()).toEqual([])
  })
})

describe('the end of a parent', () => {
  it('stops its children first, the youngest first, and aborts its tasks', async () => {
    const { runtime } = await openRuntime()
    const ended: string[] = []
    let aborted = false
    const leaf = setup({}).createMachine({})
    const middle = setup({ actors: { leaf } }).createMachine({ invoke: { id: 'leaf', src: 'leaf' } })
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({
        actors: {
          middle,
          leaf,
          wait: fromPromise(({ signal }) => {
            signal.addEventListener('abort', () => {
              aborted = true
            })
            return new Promise(() => {})
          }),
        },
      }).createMachine({
        invoke: [
          { id: 'first', src: 'middle' },
          { id: 'second', src: 'leaf' },
          { id: 'wait', src: 'wait' },
        ],
      }),
    })
    runtime.inspect((record) => {
      if (record.kind === 'actor.stopped') ended.push(record.address.split('/').slice(2).join('/'))
    })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await ref.stop()
    expect(ended).toEqual(['p/second', 'p/first/leaf', 'p/first', 'p'])
    expect(aborted).toBe(true)
  })

  it('leaves nothing behind that a late task could add to', async () => {
    const { runtime } = await openRuntime({ actors: [counter] })
    let spawned: Promise<unknown> | undefined
    let release: () => void = () => {}
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({
        actors: {
          slow: fromTask<void, unknown>(async (hands: Hands) => {
            await new Promise<void>((resolve) => {
              release = resolve
            })
            spawned = hands.spawn(counter, { key: 'orphan' })
            await spawned
            hands.tell({ type: 'go' })
          }),
        },
      }).createMachine({ invoke: { id: 'slow', src: 'slow' } }),
    })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await ref.stop()
    release()
    await new Promise((resolve) => setImmediate(resolve))
    await expect(spawned).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(runtime.actors()).toEqual([])
  })
})

describe('a child that is gone', () => {
  it('makes what is sent to it a dead letter, and the parent lives on', async () => {
    const { runtime } = await openRuntime()
    const parent = defineActor({
      type: 'parent',
      contract,
      logic: setup({
        actors: { brief: setup({}).createMachine({ initial: 'end', states: { end: { type: 'final' } } }) },
      }).createMachine({
        invoke: { id: 'brief', src: 'brief' },
        on: { go: { actions: sendTo('brief', { type: 'hello' }) } },
      }),
    })
    const ref = await runtime.spawn(parent, { key: 'p' })
    await runtime.idle()
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect((await ref.state()).status).toBe('active')
    expect(runtime.deadLetters.list()).toMatchObject([{ event: { type: 'hello' }, error: { code: 'NOT_FOUND' } }])
  })
})
