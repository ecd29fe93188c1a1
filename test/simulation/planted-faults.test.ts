import { isTroupeError } from 'troupe'
import { createSimulation, explore, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import type { CommitBatch, Journal, ShardJournal } from '../../runtime/ports/journal.ts'
import { alteredReads } from '../support/runtime/altered-reads.ts'
import { chains } from './chain-scenario.ts'

/** A journal whose owners are altered. */
function altered(journal: Journal, alter: (shard: ShardJournal) => Partial<ShardJournal>): Journal {
  return {
    ...journal,
    async own(realm, name, options) {
      const shard = await journal.own(realm, name, options)
      return { ...shard, ...alter(shard) }
    },
  }
}

// It says that a batch is written when only the one before is.
function hasty(journal: Journal): Journal {
  return altered(journal, (shard) => {
    let before: CommitBatch | null = null
    return {
      async append(batch) {
        const written = before
        before = batch
        if (written) await shard.append(written)
      },
    }
  })
}

// It loses what an actor has taken of others.
function forgetful(journal: Journal): Journal {
  return alteredReads(journal, async (_, read) => {
    const record = await read()
    return record && { ...record, inbox: {} }
  })
}

async function failure(from: number, seeds: number, scenario: (world: Simulation) => Promise<void>): Promise<Error> {
  try {
    await explore({ from, seeds }, scenario)
  } catch (error) {
    if (isTroupeError(error)) return error
  }
  throw new Error(`no seed from ${from} to ${from + seeds - 1} found it`)
}

describe('a planted fault', () => {
  it.each([
    ['a journal that acknowledges before it writes', hasty],
    ['a receiver that forgets what it has taken', forgetful],
  ])('is found, and its seed runs the same again: %s', async (_, spoil) => {
    const scenario = (world: Simulation) => chains(world, () => spoil(memoryJournal()))
    const found = await failure(1, 1_000, scenario)
    const seed = Number(/^seed (\d+): /.exec(found.message)?.[1])
    expect(seed).toBeGreaterThan(0)
    const again = await failure(seed, 1, scenario)
    expect(again.message).toBe(found.message)
    expect(again.message).toContain('starts')
  })
})

describe('a seed', () => {
  async function traceOf(seed: number): Promise<string> {
    const world = createSimulation({ seed })
    await chains(world)
    return `${world.report.text()}\n${JSON.stringify(world.report.commits)}`
  }

  it('gives the same trace and the same commits each time, and another seed gives others', async () => {
    const traces = await Promise.all([7, 8, 9].map(traceOf))
    expect(await Promise.all([7, 8, 9].map(traceOf))).toEqual(traces)
    expect(new Set(traces).size).toBe(3)
  })
})
