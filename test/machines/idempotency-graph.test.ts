import { describe, expect, it } from 'vitest'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, assign } from 'xstate'
import { claim, type ClaimRequest, type IdempotencyContext } from '../../machines/idempotency-changes.ts'
import { findEntry, type IdempotencyEntry, keepValue } from '../../machines/idempotency-shelf.ts'
import { idempotencyMachine } from '../../machines/idempotency.machine.ts'
import { machineGraph } from './machine-graph.ts'

const CAPACITY = 2
const KEYS = ['k', 'l', 'm']
const RUNS = ['1', '2']

const contextOf = (state: AnyMachineSnapshot) => state.context as IdempotencyContext

const entriesOf = (state: AnyMachineSnapshot): readonly IdempotencyEntry[] =>
  contextOf(state)
    .shelf.drawers.flat()
    .toSorted((one, other) => one.seq - other.seq)

const asked = { type: 'idempotency.claim', lease: 10, capacity: CAPACITY }

// Every word of every execution at any time: late, doubled, of one that was given up.
const events: readonly AnyEventObject[] = [
  ...KEYS.flatMap((key) =>
    RUNS.flatMap((run) => [
      { ...asked, key, run, hash: 'a', holder: `x/y/${run}` },
      { ...asked, key, run, hash: 'b', holder: null },
      { type: 'idempotency.keep', key, run, value: run, ttl: 10 },
      { type: 'idempotency.fail', key, run, error: { message: 'no' } },
      { type: 'lease.expired', key, run },
      { type: 'value.expired', key, run },
    ]),
  ),
  ...RUNS.map((run) => ({ type: 'troupe.down', address: `x/y/${run}`, reason: 'error' })),
]

function explore(machine: AnyStateMachine, tried = events) {
  return machineGraph(machine, {
    events: () => tried,
    // Only who came first matters of when they came.
    key: (state) => JSON.stringify([state.value, entriesOf(state).map((entry) => ({ ...entry, seq: 0 }))]),
  })
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine, tried = events): string[] {
  const graph = explore(machine, tried)
  const found = new Set<string>()
  for (const state of graph.states) {
    const entries = entriesOf(state)
    const { size, running } = contextOf(state).shelf
    if (size !== entries.length) found.add('the shelf is miscounted')
    if (running !== entries.filter(({ status }) => status === 'running').length) found.add('work is miscounted')
    if (entries.length > CAPACITY) found.add('too much is kept')
    if (new Set(entries.map(({ key }) => key)).size < entries.length) found.add('a key is there twice')
    const stand = entries.some(({ status }) => status === 'running') ? 'working' : 'idle'
    if (state.value !== stand) found.add(`the chart shows ${String(state.value)} for ${stand}`)
  }
  for (const { from, event, to } of graph.edges) {
    const before = entriesOf(from)
    const after = entriesOf(to)
    const { orders } = contextOf(to)
    for (const entry of before) {
      const now = after.find(({ key }) => key === entry.key)
      const isOwn = (event as AnyEventObject)['run'] === entry.run
      if (entry.status === 'kept' && now && JSON.stringify(now) !== JSON.stringify(entry))
        found.add('a value was changed')
      if (entry.status === 'running' && now && now.run !== entry.run) found.add('two executions have one key')
      if (entry.status === 'running' && now?.status === 'kept' && !isOwn) found.add('another has said what came of it')
      if (entry.status === 'running' && !now && event.type === 'idempotency.claim')
        found.add('what is being done was forgotten')
    }
    const answers = orders.filter((order) => order.do === 'answer' || order.do === 'refuse').length
    if (/^idempotency\.(claim|keep|fail)$/.test(event.type) && answers !== 1)
      found.add('an asker got no answer, or two')
  }
  if (graph.stuck((state) => contextOf(state).shelf.size === 0).length > 0) found.add('a key is never free again')
  return [...found]
}

describe('the chart of an idempotency keeper', () => {
  it('gives a key to one execution at a time, keeps what came of it, and no more than it may', () => {
    expect(faults(idempotencyMachine)).toEqual([])
    expect(explore(idempotencyMachine).states.length).toMatchInlineSnapshot(`409`)
  })

  it('that lets a late execution speak is found out', () => {
    const hasty = assign(({ context, event }: { context: IdempotencyContext; event: AnyEventObject }) => {
      const found = findEntry(context.shelf, String(event['key']))
      return found?.status === 'running' ? { ...context, shelf: keepValue(context.shelf, found, 1) } : context
    })
    const broken = idempotencyMachine.provide({ actions: { keep: hasty } } as never)
    expect(faults(broken)).toContain('another has said what came of it')
  })

  it('that makes no room is found out', () => {
    const roomy = assign(({ context, event }: { context: IdempotencyContext; event: AnyEventObject }) =>
      claim(context, { ...(event as AnyEventObject & ClaimRequest), capacity: 3 }),
    )
    const broken = idempotencyMachine.provide({ actions: { claim: roomy } } as never)
    expect(
      faults(
        broken,
        events.filter(({ run }) => run === '1'),
      ),
    ).toContain('too much is kept')
  })

  it('that never gives an execution up is found out', () => {
    const never = assign({})
    const broken = idempotencyMachine.provide({
      actions: { giveUp: never, fail: never, keep: never, bury: never },
    } as never)
    expect(faults(broken)).toContain('a key is never free again')
  })
})
