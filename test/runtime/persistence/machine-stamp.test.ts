import {
  and,
  assign,
  cancel,
  createMachine,
  fromPromise,
  fromTransition,
  not,
  raise,
  sendTo,
  setup,
  stateIn,
} from 'xstate'
import { describe, expect, it } from 'vitest'
import { hostLogic } from '../../../runtime/kernel/hosted-logic.ts'
import { machineStamp, structuralHash } from '../../../runtime/persistence/machine-stamp.ts'

interface Config {
  readonly [key: string]: unknown
}

const config: Config = {
  id: 'door',
  initial: 'shut',
  context: { count: 0 },
  entry: [raise({ type: 'go' }, { id: 'soon', delay: 5 }), cancel('soon')],
  states: {
    shut: { on: { open: { target: 'ajar', guard: 'isFree', actions: ['count', { type: 'tell', params: { a: 1 } }] } } },
    ajar: { after: { 1000: 'shut', patience: 'shut' }, invoke: { id: 'watch', src: 'watch', onDone: 'shut' } },
    both: { type: 'parallel', states: { left: {}, right: {}, past: { type: 'history' } } },
    gone: { type: 'final' },
  },
}

const hash = (changes: Config = {}): string => structuralHash(createMachine({ ...config, ...changes } as never))
const states = config['states'] as Record<string, Config>
const withState = (name: string, state: Config): Config => ({ states: { ...states, [name]: state } })

describe('the structural hash', () => {
  it('is the same for a chart built twice, and for a copy that provides what stands behind the names', () => {
    expect(hash()).toBe(hash())
    const machine = createMachine(config as never)
    expect(structuralHash(machine.provide({ actions: { count: assign({}) } } as never))).toBe(hash())
    const work = fromPromise(async () => 1)
    const hosted = setup({ actors: { work } }).createMachine({ id: 'h', invoke: { src: 'work' } })
    expect(structuralHash(hostLogic(hosted, 'h', '1').logic)).toBe(structuralHash(hosted))
  })

  it('is the same in whatever order states and events are written', () => {
    const reversed = Object.fromEntries(Object.entries(states).reverse())
    expect(hash({ states: reversed })).toBe(hash())
    const on = { a: 'gone', b: 'ajar' }
    expect(hash({ on: { b: '.ajar', a: '.gone' } })).toBe(hash({ on: { a: `.${on.a}`, b: `.${on.b}` } }))
  })

  const unseen: Readonly<Record<string, Config>> = {
    'descriptions, tags and metadata': withState('shut', {
      ...states['shut'],
      description: 'x',
      tags: ['t'],
      meta: {},
    }),
    'the initial context': { context: { count: 7 } },
    'an output': { output: () => 1 },
    'the parameters of an action': withState('shut', {
      on: { open: { target: 'ajar', guard: 'isFree', actions: ['count', { type: 'tell', params: { a: 2 } }] } },
    }),
  }
  for (const [name, changes] of Object.entries(unseen)) {
    it(`does not see ${name}`, () => expect(hash(changes)).toBe(hash()))
  }

  const ajar = states['ajar'] as Config
  const seen: Readonly<Record<string, Config>> = {
    'the id of the chart': { id: 'gate' },
    'the initial state': { initial: 'ajar' },
    'a new state': withState('new', {}),
    'the id of a state': withState('gone', { type: 'final', id: 'end' }),
    'the type of a state': withState('gone', {}),
    'the order of regions': withState('both', {
      type: 'parallel',
      states: { right: {}, left: {}, past: { type: 'history' } },
    }),
    'the kind of a history': withState('both', {
      type: 'parallel',
      states: { left: {}, right: {}, past: { type: 'history', history: 'deep' } },
    }),
    'a target': withState('shut', { on: { open: { target: 'gone', guard: 'isFree', actions: ['count', 'tell'] } } }),
    'an event': withState('shut', { on: { unlock: { target: 'ajar', guard: 'isFree', actions: ['count', 'tell'] } } }),
    'a guard': withState('shut', { on: { open: { target: 'ajar', guard: 'isOld', actions: ['count', 'tell'] } } }),
    'the order of actions': withState('shut', {
      on: { open: { target: 'ajar', guard: 'isFree', actions: ['tell', 'count'] } },
    }),
    'the order of guarded transitions': {
      on: {
        go: [
          { guard: 'isB', target: '.ajar' },
          { guard: 'isA', target: '.gone' },
        ],
      },
    },
    'a delay': withState('ajar', { ...ajar, after: { 2000: 'shut', patience: 'shut' } }),
    'a named delay': withState('ajar', { ...ajar, after: { 1000: 'shut', mercy: 'shut' } }),
    'the id of a child': withState('ajar', { ...ajar, invoke: { id: 'look', src: 'watch', onDone: 'shut' } }),
    'the logic of a child': withState('ajar', { ...ajar, invoke: { id: 'watch', src: 'look', onDone: 'shut' } }),
    'an action on exit': withState('ajar', { ...ajar, exit: 'count' }),
    'an eventless transition': withState('ajar', { ...ajar, always: { guard: 'isA', target: 'gone' } }),
    'an event that is raised': { entry: [raise({ type: 'stop' }, { id: 'soon', delay: 5 }), cancel('soon')] },
    'the id of a raised event': { entry: [raise({ type: 'go' }, { id: 'late', delay: 5 }), cancel('soon')] },
  }
  const base: Readonly<Record<string, Config>> = {
    'the order of guarded transitions': {
      on: {
        go: [
          { guard: 'isA', target: '.gone' },
          { guard: 'isB', target: '.ajar' },
        ],
      },
    },
  }
  for (const [name, changes] of Object.entries(seen)) {
    it(`sees ${name}`, () => expect(hash(changes)).not.toBe(hash(base[name] ?? {})))
  }

  it('sees that a transition stays, is forbidden or enters its state anew', () => {
    const edges = [
      {},
      { target: undefined },
      { target: '.ajar' },
      { target: '.ajar', reenter: true },
      { actions: 'count' },
    ]
    const hashes = edges.map((edge) => hash({ on: { go: edge } }))
    expect(new Set(hashes).size).toBe(4)
    expect(hashes[0]).toBe(hashes[1])
  })

  it('sees what stands in guards made of guards, and where a message goes', () => {
    const guards = ['a', not('a' as never), not('b' as never), and(['a' as never]), stateIn('shut'), stateIn('ajar')]
    expect(new Set(guards.map((guard) => hash({ on: { go: { guard, target: '.ajar' } } }))).size).toBe(guards.length)
    const sent = (to: string, type: string) => hash({ entry: sendTo(to as never, { type } as never) })
    expect(new Set([sent('a', 'x'), sent('b', 'x'), sent('a', 'y')]).size).toBe(3)
  })

  it('tells logic without a chart by its kind', () => {
    const leaf = structuralHash(fromPromise(async () => 1))
    expect(structuralHash(fromPromise(async () => 2))).toBe(leaf)
    const transition = structuralHash(fromTransition((state) => state, 0))
    expect(new Set([leaf, transition, hash()]).size).toBe(3)
  })
})

describe('the stamp of a machine', () => {
  it('has the id of the chart, or the type where there is none', () => {
    const machine = createMachine({ id: 'door' })
    expect(machineStamp(machine, 'front-door', '2')).toEqual({
      id: 'door',
      version: '2',
      hash: structuralHash(machine),
    })
    expect(
      machineStamp(
        fromPromise(async () => 1),
        'front-door',
        '1',
      ).id,
    ).toBe('front-door')
  })
})
