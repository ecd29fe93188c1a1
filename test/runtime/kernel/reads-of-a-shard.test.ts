import { describe, expect, it } from 'vitest'
import type { Cell } from '../../../runtime/kernel/cell.ts'
import { createShard, type Shard } from '../../../runtime/kernel/shard.ts'
import type { ShardJournal } from '../../../runtime/ports/journal.ts'
import type { Address } from '../../../runtime/protocol/address.ts'

function idleShard(): Shard {
  const journal = { shard: 'main', epoch: 1 } as ShardJournal
  const never = (): never => {
    throw new Error('nothing is written here')
  }
  return createShard({ journal, scheduler: { soon: () => {}, later: () => {} }, recordOf: never, lose: never })
}

function at(key: number): Address {
  return `local/thing/t-${key}` as Address
}

function change(shard: Shard, key: number): void {
  shard.touch({ address: at(key), incarnation: 1, durable: { forgotten: false }, restarts: null } as unknown as Cell)
}

describe('a read of the journal', () => {
  it('is out of date for what changed since it began, and only for that', () => {
    const shard = idleShard()
    const first = shard.beginRead()
    change(shard, 1)
    const second = shard.beginRead()
    change(shard, 2)
    const seen = [first, second].map((read) => [1, 2, 3].map((key) => shard.changedSince(at(key), read)))
    expect(seen).toEqual([
      [true, true, false],
      [false, true, false],
    ])
  })

  it('takes all for changed when so many have that it is not known which', () => {
    const shard = idleShard()
    const early = shard.beginRead()
    change(shard, 0)
    for (let key = 1; key <= 20_000; key++) change(shard, key)
    const late = shard.beginRead()
    expect(shard.changedSince(at(0), early)).toBe(true)
    expect(shard.changedSince(at(0), late)).toBe(false)
    change(shard, 0)
    expect(shard.changedSince(at(0), late)).toBe(true)
  })

  it('knows nothing of what changed before it', () => {
    const shard = idleShard()
    shard.beginRead()
    change(shard, 1)
    shard.endRead()
    expect(shard.changedSince(at(1), shard.beginRead())).toBe(false)
  })
})

describe('a shard', () => {
  it('is settled at once when nothing waits to be written, and not before when something does', async () => {
    const shard = idleShard()
    await shard.settled()
    change(shard, 1)
    const first = await Promise.race([shard.settled().then(() => 'settled'), Promise.resolve('waiting')])
    expect(first).toBe('waiting')
  })
})
