import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { type Duration, milliseconds } from '../protocol/duration.ts'
import { TroupeError } from '../protocol/errors.ts'
import { createFaultPlan } from './fault-plan.ts'
import { createSeededRandom } from './seeded-random.ts'
import { createSeededScheduler, type SeededScheduler } from './seeded-scheduler.ts'
import { createSimulatedNode, type HeldNode, type SimulatedNode, type SimulatedNodeOptions } from './simulated-node.ts'
import { EVERY_FAULT, type SimulationFaults } from './simulation-faults.ts'
import { createSimulationReport, type SimulationReport } from './simulation-report.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** What makes a simulated world. */
export interface SimulationOptions {
  readonly seed: number
  /** Default: `EVERY_FAULT`. */
  readonly faults?: SimulationFaults
}

/** Nodes over the real kernel, in a world that a seed decides. */
export interface Simulation {
  readonly seed: number
  /** The time of the world. It passes by itself, from alarm to alarm, whenever nothing else is left to do. */
  readonly clock: Clock
  /** For what the scenario itself draws. */
  readonly random: Random
  readonly scheduler: SeededScheduler
  readonly report: SimulationReport
  /** Adds a node and starts it. What crashes comes back by itself after a while. */
  node(name: string, options?: SimulatedNodeOptions): SimulatedNode
  /** Lets the world run until the scenario is done. */
  run<T>(scenario: () => Promise<T>): Promise<T>
  /** Resolves when so much time has passed. Within `run` only: without it time stands still. */
  pass(time: Duration): Promise<void>
  /** Ends the faults, brings every node back, and lets the world run until nothing is left to do. */
  settle(): Promise<void>
}

const DAY = 86_400_000
// A world that has not come to rest after so many alarms never will.
const MOST_ALARMS = 20_000

/**
 * Makes a world for the real kernel in which everything that may go wrong does, as its seed decides: the same seed runs
 * the same way again.
 *
 * @example
 * const world = createSimulation({ seed: 7 })
 * const node = world.node('shop', { journal: memoryJournal(), actors: [cart] })
 * await world.run(() => node.call((runtime) => runtime.spawn(cart, { key: 'c-1' })))
 * await world.settle()
 */
export function createSimulation({ seed, faults = EVERY_FAULT }: SimulationOptions): Simulation {
  const scheduler = createSeededScheduler(seed)
  const clock = createVirtualClock({ settle: quiet })
  const random = createSeededRandom(seed)
  const derived = (): Random => createSeededRandom(Math.floor(random.next() * 2 ** 32))
  const begun = clock.now()
  const report = createSimulationReport(
    seed,
    () => scheduler.turns,
    () => clock.now() - begun,
  )
  const plan = createFaultPlan(derived(), faults, report)
  const parts = { plan, clock, random: derived(), scheduler, report }
  const nodes: HeldNode[] = []
  const scenarioRandom = derived()

  // Promises run out between two turns of the event loop, and what is ready takes one each.
  async function quiet(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve))
    while (scheduler.ready > 0)
  }

  /** Lets what is ready run to its end, then moves to the next alarm. Returns false when there is none. */
  async function step(isOver: () => boolean): Promise<boolean> {
    await quiet()
    if (isOver() || clock.next === null) return false
    const now = clock.now()
    if (plan.strikes('clockJump', 'world', '')) await clock.setTo(now + (plan.draw(2) === 1 ? DAY : -DAY))
    else await clock.setTo(Math.max(now, clock.next))
    return true
  }

  async function steps(isOver: () => boolean): Promise<void> {
    for (let count = 0; await step(isOver); count++) {
      if (count < MOST_ALARMS) continue
      throw new TroupeError('TIMEOUT', `the world of seed ${seed} does not come to rest`, {
        where: `seed ${seed}`,
        hint: 'something sets its next timer for ever, or is tried again for ever',
      })
    }
  }

  return {
    seed,
    clock,
    random: scenarioRandom,
    scheduler,
    report,
    node(name, options = {}) {
      const node = createSimulatedNode(parts, name, options)
      nodes.push(node)
      return node
    },
    async run(scenario) {
      let over = false
      const outcome = scenario().finally(() => {
        over = true
      })
      outcome.catch(() => {})
      await steps(() => over)
      if (over) return outcome
      throw new TroupeError('TIMEOUT', `the scenario of seed ${seed} waits for what will not come`, {
        where: `seed ${seed}`,
        hint: 'nothing is left to do in its world: look for a promise that never settles',
      })
    },
    pass: (time) => new Promise((resolve) => void clock.alarm(clock.now() + milliseconds(time), resolve)),
    async settle() {
      plan.end()
      for (const node of nodes) if (!node.isUp) node.restart()
      await steps(() => false)
    },
  }
}
