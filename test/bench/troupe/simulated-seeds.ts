import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Probe } from '../bench-case.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const LONGEST_TEST = 900_000

/** Troupe: simulated worlds a second, faults in each; fails when a promise is broken in any of them. */
export function simulatedSeeds(seeds: number): Probe {
  return {
    check: () => explore(500),
    sample: async () => {
      const start = performance.now()
      await explore(seeds)
      return (seeds * 1000) / (performance.now() - start)
    },
  }
}

/** Runs the simulation's own tests on so many seeds, shared among them. */
async function explore(seeds: number): Promise<void> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  // Tests freeze what the bench does not.
  const env = { ...process.env, NODE_ENV: 'test', SEEDS: String(seeds) }
  const command = [vitest, 'run', 'test/simulation', `--testTimeout=${LONGEST_TEST}`]
  try {
    await promisify(execFile)(process.execPath, command, { cwd: ROOT, env })
  } catch (thrown) {
    const { stdout, stderr } = thrown as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`A promise did not hold on ${seeds} seeds:\n${stdout}\n${stderr}`, { cause: thrown })
  }
}
