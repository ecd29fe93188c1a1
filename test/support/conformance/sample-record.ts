import { type Address, address } from '../../../runtime/protocol/address.ts'
import type { ActorRecord, DeadLetterRecord } from '../../../runtime/protocol/record.ts'

/** The address of the actor `key`. */
export function thing(key: string, type = 'thing'): Address {
  return address('test', type, key)
}

/** A record of the actor `key`, told apart by its commit. */
export function sampleRecord(key: string, commit: number, facts: Partial<ActorRecord> = {}): ActorRecord {
  return {
    format: 1,
    address: thing(key),
    incarnation: 1,
    commit,
    seq: commit,
    machine: { id: 'thing', version: '1', hash: 'h' },
    principal: { id: 'tester', grants: ['*'] },
    snapshot: { status: 'active', value: 'idle', context: { commit } },
    timers: [{ id: 't', due: 2 ** 45, to: 'self', event: { type: 'thing.wake' } }],
    tasks: [],
    outbox: [],
    inbox: {},
    stash: [],
    children: {},
    watching: [],
    wake: null,
    ...facts,
  }
}

/** A dead letter to the actor `a`. */
export function sampleLetter(id: string, at = 0): DeadLetterRecord {
  return {
    id,
    at,
    to: thing('a'),
    from: thing('sender'),
    event: { type: 'thing.poke', id },
    principal: { id: 'tester', grants: ['*'] },
    error: { name: 'TroupeError', code: 'CRASHED', message: 'it did not survive this' },
  }
}

/** Everything that an iteration gives. */
export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
