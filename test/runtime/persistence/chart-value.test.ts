import fc from 'fast-check'
import { createMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { chartOf, type ChartMachine } from '../../../runtime/persistence/chart.ts'
import { pathsOf, readValue } from '../../../runtime/persistence/chart-value.ts'

interface State {
  readonly type?: 'parallel' | 'final' | 'history'
  readonly initial?: string
  readonly states?: Readonly<Record<string, State>>
}

const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 })

const states = fc.letrec<{ state: State; leaf: State; compound: State; parallel: State }>((tie) => ({
  state: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('leaf'), tie('compound'), tie('parallel')),
  leaf: fc.constant({}),
  compound: keys.chain((names) =>
    fc.tuple(...names.map(() => tie('state'))).map((inner) => ({
      initial: names[0] as string,
      states: {
        ...Object.fromEntries(names.map((name, at) => [name, inner[at] as State])),
        past: { type: 'history' as const },
      },
    })),
  ),
  parallel: keys.chain((names) =>
    fc.tuple(...names.map(() => tie('state'))).map((inner) => ({
      type: 'parallel' as const,
      states: Object.fromEntries(names.map((name, at) => [name, inner[at] as State])),
    })),
  ),
})).state

// Some value of the state: whole, or with parts left open.
function valueOf(state: State, choose: () => number): unknown {
  const inner = Object.entries(state.states ?? {}).filter(([, { type }]) => type !== 'history')
  if (inner.length === 0) return {}
  if (state.type === 'parallel') {
    const regions = inner.filter(() => choose() > 0.2).map(([key, region]) => [key, valueOf(region, choose)] as const)
    return Object.fromEntries(regions)
  }
  const [key, child] = inner[Math.floor(choose() * inner.length)] as [string, State]
  return choose() > 0.8 || !child.states ? key : { [key]: valueOf(child, choose) }
}

const machineOf = (state: State) => createMachine({ id: 'm', ...state } as never)
const rootOf = (state: State) => (chartOf(machineOf(state)) as ChartMachine).root

describe('a state value', () => {
  it('means to the records what it means to XState', () => {
    fc.assert(
      fc.property(states, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (state, stream) => {
        const value = valueOf(state, () => stream.next().value as number)
        const resolved = machineOf(state).resolveState({ value, context: {} } as never)
        const read = readValue(rootOf(state), value)
        expect(read.value).toEqual(resolved.value)
        const ids = (resolved as unknown as { _nodes: { id: string }[] })._nodes.map(({ id }) => id)
        expect(read.active.map(({ id }) => id).sort()).toEqual([...new Set(ids)].sort())
      }),
      { numRuns: 300 },
    )
  })

  it('names its states by their paths', () => {
    expect(pathsOf({ a: { b: 'c', d: {} } })).toEqual(['a', 'a.b', 'a.b.c', 'a.d'])
    expect(pathsOf('a')).toEqual(['a'])
    expect(pathsOf({})).toEqual([])
  })

  it('is none when it names what is no state of the chart', () => {
    const root = rootOf({
      initial: 'a',
      states: { a: {}, b: { initial: 'c', states: { c: {} } }, past: { type: 'history' } },
    })
    for (const value of [
      'x',
      'past',
      { a: 'x' },
      { b: 'x' },
      { a: {}, b: {} },
      ['a'],
      7,
      null,
      true,
      '',
      'b.c',
      '#m.a',
    ]) {
      expect(() => readValue(root, value)).toThrow(/there is no state|one state at a time|is no state value/)
    }
  })
})
