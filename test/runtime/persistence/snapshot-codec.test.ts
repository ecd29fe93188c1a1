import { describe, expect, it } from 'vitest'
import { assign, fromPromise, setup } from 'xstate'
import {
  type CodecMachine,
  type CodecSnapshot,
  decodeSnapshot,
  encodeSnapshot,
} from '../../../runtime/persistence/snapshot-codec.ts'
import { hostLogic } from '../../../runtime/kernel/hosted-logic.ts'
import { type AnySnapshot, createStepper, inertSystem } from '../../../runtime/kernel/step.ts'
import { TroupeError } from '../../../runtime/protocol/errors.ts'

const machine = setup({
  types: {} as {
    context: { count: number }
    events: { type: 'next' } | { type: 'leave' } | { type: 'back' } | { type: 'stop' }
  },
  actors: { work: fromPromise(() => Promise.resolve(1)) },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
}).createMachine({
  id: 'codec',
  context: { count: 0 },
  initial: 'on',
  states: {
    on: {
      type: 'parallel',
      on: { leave: 'off', stop: 'over' },
      states: {
        left: {
          initial: 'a',
          states: { a: { on: { next: { target: 'b', actions: 'count' } } }, b: { tags: 'late', on: { next: 'a' } } },
        },
        right: {
          initial: 'idle',
          states: { idle: { on: { next: 'busy' } }, busy: { invoke: { id: 'job', src: 'work' } } },
        },
        past: { type: 'history', history: 'deep' },
      },
    },
    off: { on: { back: 'on.past' } },
    over: { type: 'final' },
  },
})

const hosted = hostLogic(machine, 'codec', '1')
const stepper = createStepper(() => ({ system: inertSystem() }), inertSystem())
const standIn = (id: string, { src }: { src: string }) => ({ id, src })
const codecMachine = hosted.machine as unknown as CodecMachine

function restored(snapshot: AnySnapshot): AnySnapshot {
  const record = JSON.parse(JSON.stringify(encodeSnapshot(snapshot as CodecSnapshot, 'codec'))) as never
  return decodeSnapshot(codecMachine, record, standIn) as AnySnapshot
}

describe('the snapshot codec', () => {
  it('restores a snapshot that goes on exactly as the original would, at every point of a run', () => {
    const script = ['next', 'next', 'leave', 'back', 'next', 'leave', 'back', 'stop'] as const
    let kept = stepper.initial(hosted, undefined, {}).snapshot
    let revived = kept
    for (const type of script) {
      revived = restored(revived)
      kept = stepper.transition(hosted, kept, { type }, {}).snapshot
      revived = stepper.transition(hosted, revived, { type }, {}).snapshot
      expect({ value: revived.value, context: revived.context, status: revived.status }).toEqual({
        value: kept.value,
        context: kept.context,
        status: kept.status,
      })
      expect([...(revived.tags ?? [])]).toEqual([...(kept.tags ?? [])])
      expect(Object.keys(revived.children ?? {})).toEqual(Object.keys(kept.children ?? {}))
    }
    expect(kept.status).toBe('done')
  })

  it('records the children by the names of their logic', () => {
    const busy = stepper.transition(
      hosted,
      stepper.initial(hosted, undefined, {}).snapshot,
      { type: 'next' },
      {},
    ).snapshot
    expect(encodeSnapshot(busy as CodecSnapshot, 'codec').children).toEqual({ job: { src: 'work', syncs: false } })
  })

  it('refuses a child whose logic has no name', () => {
    const snapshot: CodecSnapshot = { status: 'active', children: { x: { src: 'xstate.invoke.0.codec' } } }
    expect(() => encodeSnapshot(snapshot, 'codec')).toThrow(/'x' of codec has no named logic/)
  })

  it('refuses a record of a state that the machine does not have', () => {
    const attempt = () => decodeSnapshot(codecMachine, { status: 'active', value: 'gone', context: {} }, standIn)
    expect(attempt).toThrow(TroupeError)
    expect(attempt).toThrow(/does not fit the machine 'codec'/)
  })

  it('reads the result of what has ended, also when the machine no longer has its state', () => {
    const record = { status: 'done', value: 'gone', context: { count: 3 }, output: { total: 3 } } as const
    expect(decodeSnapshot(codecMachine, record, standIn)).toMatchObject(record)
  })
})
