import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from 'troupe'
import { explore } from 'troupe/testing'
import { sqlite } from 'troupe/transports/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { chains } from './chain-scenario.ts'
import { seedCount } from './seed-count.ts'

const folder = mkdtempSync(join(tmpdir(), 'troupe-simulation-'))

afterAll(() => rmSync(folder, { recursive: true }))

describe('a journal in a file', () => {
  it('keeps the same promises as one in memory', async () => {
    const seen = await explore({ seeds: seedCount(0.03) }, async (world) => {
      const journals: Journal[] = []
      await chains(world, (node) => {
        const path = join(folder, `${world.seed}-${node}.sqlite`)
        // A simulated process dies without a word to its journal, which lives on.
        const journal = sqlite(path, { durability: 'D1', takeOver: true })
        journals.push(journal)
        return journal
      })
      for (const journal of journals) await journal.close()
    })
    expect(seen.faults).toBeGreaterThan(seen.seeds)
  })
})
