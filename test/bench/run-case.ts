import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchCase, Durability, Row, Target, Unit } from './bench-case.ts'
import { roundStatistics, type RoundStatistics } from './round-statistics.ts'
import { createSideProcess } from './side-process.ts'

/** What became of one row. */
export interface RowResult {
  readonly metric: string
  readonly of: string
  readonly against: string | null
  readonly unit: Unit
  readonly durability: Durability
  readonly value: RoundStatistics
  readonly peer: RoundStatistics | null
  readonly ratio: RoundStatistics | null
  readonly target: Target
  /** Null when the row is informative. */
  readonly met: boolean | null
}

/**
 * Measures a case: each side in its own process, one sample of each in turn, round after round. What slows the machine
 * down for a while slows down all sides of the round; so ratios are taken within a round, and then their median.
 */
export async function runCase(file: string, benchCase: BenchCase): Promise<readonly RowResult[]> {
  const folder = dataFolder()
  const sides = Object.keys(benchCase.sides).map((name) => ({
    name,
    samples: [] as number[],
    process: createSideProcess(file, name, folder),
  }))
  try {
    for (const side of sides) await side.process.prepare()
    for (let round = -(benchCase.warmUps ?? 3); round < (benchCase.rounds ?? 9); round += 1) {
      for (const side of sides) {
        const value = await side.process.sample()
        if (round >= 0) side.samples.push(value)
      }
    }
  } finally {
    await Promise.all(sides.map((side) => side.process.stop()))
    // A server that a side has started may be writing its last.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
  const samples = new Map(sides.map((side) => [side.name, side.samples]))
  return benchCase.rows.map((row) => judge(benchCase, row, samples))
}

// On the disk of the working tree: a temporary folder of the system may lie in memory, where a sync costs nothing.
function dataFolder(): string {
  const data = join(import.meta.dirname, 'data')
  mkdirSync(data, { recursive: true })
  return mkdtempSync(join(data, 'case-'))
}

function judge(benchCase: BenchCase, row: Row, samples: ReadonlyMap<string, readonly number[]>): RowResult {
  const own = samples.get(row.of) ?? []
  const other = row.against === undefined ? null : (samples.get(row.against) ?? [])
  const value = roundStatistics(own)
  const ratio = other && roundStatistics(own.map((sample, round) => sample / (other[round] ?? Number.NaN)))
  return {
    metric: row.metric,
    of: row.of,
    against: row.against ?? null,
    unit: benchCase.unit,
    durability: row.durability ?? benchCase.durability,
    value,
    peer: other && roundStatistics(other),
    ratio,
    target: row.target,
    met: isMet(row.target, value.median, ratio?.median ?? Number.NaN),
  }
}

function isMet(target: Target, value: number, ratio: number): boolean | null {
  const verdicts: boolean[] = []
  if (target.atLeast !== undefined) verdicts.push(value >= target.atLeast)
  if (target.atMost !== undefined) verdicts.push(value <= target.atMost)
  if (target.ratioAtLeast !== undefined) verdicts.push(ratio >= target.ratioAtLeast)
  if (target.ratioAtMost !== undefined) verdicts.push(ratio <= target.ratioAtMost)
  return verdicts.length === 0 ? null : verdicts.every(Boolean)
}
