import type { ActorRecord } from '../../../runtime/protocol/record.ts'
import { thing } from './sample-record.ts'

/** What every record has, beside what is in LIFE: together they name each field there is, and the types see to it. */
export const PLAIN = {
  format: 1,
  address: thing('a'),
  incarnation: 1,
  commit: 1,
  seq: 1,
  machine: { id: 'thing', version: '1', hash: 'h' },
  principal: { id: 'tester', grants: ['*'] },
  timers: [{ id: 't', due: 2 ** 45, to: 'self', event: { type: 'thing.wake' } }],
} as const satisfies Partial<ActorRecord>

/** What a record has once its actor has lived. */
export const LIFE = {
  parent: { address: thing('boss'), childId: 'worker', syncs: true },
  input: { since: new Date(1_700_000_000_000) },
  snapshot: {
    status: 'done',
    value: { a: 'b' },
    context: { big: 2n ** 70n, small: -5n, half: 0.5, max: Number.MAX_SAFE_INTEGER, bytes: new Uint8Array([0, 255]) },
    output: { when: new Date(-1), nothing: null, odd: [Number.NaN, Number.POSITIVE_INFINITY] },
    history: { 'thing.hist': ['thing.a'] },
    children: { worker: { src: 'work', syncs: false } },
  },
  tasks: [{ id: 'call', src: 'callModel', input: { prompt: '🎭' }, syncs: false, key: 'k:1:0' }],
  outbox: [{ id: 'o', to: thing('b'), seq: 3, event: { type: 'b.c' }, principal: { id: 'p', grants: [] }, link: true }],
  inbox: { [thing('c')]: { epoch: 1, seq: 9 } },
  stash: [{ event: { type: 'd.e' }, from: thing('d'), principal: { id: 'p', grants: [] } }],
  children: { worker: thing('w') },
  watching: [thing('e')],
  wake: 9,
  ended: { at: 5, until: 9 },
  restarts: {
    own: { starts: [1, 2], streak: 2, noted: 3 },
    children: null,
    next: { due: 7, from: 'start', lost: ['w'] },
  },
  quarantined: { name: 'TroupeError', code: 'CRASHED', message: 'too often' },
} as const satisfies Required<Omit<ActorRecord, keyof typeof PLAIN>>
