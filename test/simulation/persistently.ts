import type { Simulation } from 'troupe/testing'

/** Tries again until it succeeds: for what may be done twice, such as spawning and asking for a state. */
export async function persistently<T>(world: Simulation, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (world.report.trace.length > 10_000) throw error
      await world.pass('100ms')
    }
  }
}
