import { expect, it } from 'vitest'
import type { Address } from '../../runtime/protocol/address.ts'
import type { JournalLog } from '../../transports/nats/journal-log.ts'
import { createJournalReplay } from '../../transports/nats/journal-replay.ts'
import { encodeSegment, type Origin, type Segment } from '../../transports/nats/journal-segment.ts'
import { thing } from '../support/conformance/sample-record.ts'

const EMPTY: Segment = { owner: null, floor: 0, records: [], removed: [], letters: [], buried: [] }

function record(
  key: string,
  origin: Origin | null = null,
  bytes = new Uint8Array([1, 2, 3]),
): Segment['records'][number] {
  return { address: thing(key), wake: null, until: null, bytes, origin }
}

/** A log with segments at sequences, of which a reader finds what is left by the time it comes to them. */
function logOf(found: Readonly<Record<number, Segment>>, parts: Readonly<Record<number, Uint8Array>> = {}): JournalLog {
  const whole = Object.entries(found).map(
    ([at, segment]) => [Number(at), encodeSegment(segment, 1, 10_000)[0]] as const,
  )
  const single = Object.entries(parts).map(([at, part]) => [Number(at), part] as const)
  const messages = [...whole, ...single].sort(([a], [b]) => a - b)
  return {
    stream: 'stream',
    most: 10_000,
    append: async () => ({ standing: 0 }),
    last: async () => null,
    async scan(subject, from, hear) {
      for (const [sequence, data = new Uint8Array(0)] of messages)
        if (sequence >= from) hear({ subject, sequence, data })
      return Math.max(from, (messages.at(-1)?.[0] ?? 0) + 1)
    },
    segment: async () => undefined,
    purge: async () => {},
  }
}

async function keysIn(log: JournalLog): Promise<Address[]> {
  const replay = createJournalReplay(log, 'subject', 100)
  await replay.catchUp(0)
  return [...(replay.indexes.get('subject')?.records.keys() ?? [])]
}

it('does not bring back what was removed in a part of the log that was taken out while it was read', async () => {
  // At 2 it said that `gone` was removed; the part up to 3 was taken out after 1 had been read.
  const found = { 1: { ...EMPTY, records: [record('gone')] }, 4: { ...EMPTY, floor: 3, records: [record('new')] } }
  expect(await keysIn(logOf(found))).toEqual([thing('new')])
})

it('puts what was copied to the end of the log where it was first written', async () => {
  const found = {
    5: { ...EMPTY, records: [record('b'), record('c')] },
    6: { ...EMPTY, records: [record('a', [2, 1]), record('0', [2, 0])] },
    7: { ...EMPTY, records: [record('c')] },
  }
  expect(await keysIn(logOf(found))).toEqual([thing('0'), thing('a'), thing('b'), thing('c')])
})

it('takes a segment of several messages in when all are there, and forgets the rest of one that was taken out', async () => {
  const bytes = new Uint8Array(300)
  const parts = encodeSegment({ ...EMPTY, records: [record('large', null, bytes)] }, 1, 150)
  const at = (from: number) => Object.fromEntries(parts.map((part, n) => [from + n, part]))
  expect(await keysIn(logOf({}, at(5)))).toEqual([thing('large')])
  const tail = Object.fromEntries(parts.slice(1).map((part, n) => [5 + n, part]))
  const floor = { 20: { ...EMPTY, floor: 20, records: [record('new')] } }
  expect(await keysIn(logOf(floor, tail))).toEqual([thing('new')])
  const head = Object.fromEntries(parts.slice(0, 2).map((part, n) => [5 + n, part]))
  expect(await keysIn(logOf(floor, head))).toEqual([thing('new')])
})

it('refuses a log in which parts of something that counts are missing', async () => {
  const parts = encodeSegment({ ...EMPTY, records: [record('large', null, new Uint8Array(300))] }, 1, 150)
  const torn = Object.fromEntries(parts.slice(0, -1).map((part, n) => [5 + n, part]))
  const refusal = { code: 'STORAGE', retryable: false, message: expect.stringContaining('message 5') }
  await expect(keysIn(logOf({ 20: EMPTY }, torn))).rejects.toMatchObject(refusal)
  const tail = Object.fromEntries(parts.slice(1).map((part, n) => [5 + n, part]))
  await expect(keysIn(logOf({ 20: EMPTY }, tail))).rejects.toMatchObject({ code: 'STORAGE', retryable: false })
})

it('says so when the servers do not get to what it has to read', async () => {
  const replay = createJournalReplay(logOf({ 1: EMPTY }), 'subject', 100)
  await expect(replay.catchUp(2)).rejects.toMatchObject({ code: 'STORAGE', retryable: true })
})
