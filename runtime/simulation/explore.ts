import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import { createSimulation, type Simulation } from './simulation.ts'
import { EVERY_FAULT, type SimulationFaults } from './simulation-faults.ts'

/** Which worlds to look at. */
export interface Exploration {
  /** How many seeds. */
  readonly seeds: number
  /** The first of them. Default 1. */
  readonly from?: number
  readonly faults?: SimulationFaults
}

/** What an exploration saw. */
export interface Explored {
  readonly seeds: number
  /** How many faults struck. */
  readonly faults: number
}

/**
 * Runs a scenario in one world after another. Rejects at the first seed under which it fails, with that failure, the seed
 * and all that went wrong before: `from: seed, seeds: 1` runs the very same again.
 *
 * @example
 * await explore({ seeds: 1_000 }, async (world) => {
 *   const node = world.node('bank', { journal: memoryJournal(), actors: [account] })
 *   await world.run(() => pay(node))
 *   await world.settle()
 *   expect(await world.run(() => balance(node))).toBe(100)
 * })
 */
export async function explore(
  { seeds, from = 1, faults }: Exploration,
  scenario: (world: Simulation) => Promise<void>,
): Promise<Explored> {
  let struck = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const world = createSimulation({ seed, ...(faults ? { faults } : {}) })
    try {
      await scenario(world)
    } catch (thrown) {
      const { code, message } = asTroupeError(thrown, 'REJECTED')
      throw new TroupeError(code, `seed ${seed}: ${message}\n${world.report.text()}`, {
        where: `seed ${seed}`,
        hint: `run it again with { from: ${seed}, seeds: 1 }`,
        cause: thrown,
      })
    }
    struck += world.report.trace.filter(({ what }) => what in EVERY_FAULT).length
  }
  return { seeds, faults: struck }
}
