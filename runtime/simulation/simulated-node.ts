import { createRuntime, type Runtime, type RuntimeOptions } from '../kernel/runtime.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { Scheduler } from '../ports/scheduler.ts'
import { TroupeError } from '../protocol/errors.ts'
import { faultyJournal } from './faulty-journal.ts'
import { faultyTransport } from './faulty-transport.ts'
import type { FaultPlan } from './fault-plan.ts'
import { createNodeLife, type NodeLife } from './node-life.ts'
import { createSeededRandom } from './seeded-random.ts'
import type { SimulationReport } from './simulation-report.ts'

/** What a node of a simulated world is made with: as for `createRuntime`, without what the world decides. */
export type SimulatedNodeOptions = Omit<RuntimeOptions, 'clock' | 'random' | 'scheduler'>

/** A runtime that may crash at any point, and then begins another life over the same journal. */
export interface SimulatedNode {
  readonly name: string
  /** Resolves to its runtime, once it is up. */
  up(): Promise<Runtime>
  /** Lets its runtime do something. Rejects as that does, and with UNAVAILABLE when the node crashes before it is done. */
  call<T>(work: (runtime: Runtime) => Promise<T>): Promise<T>
  /** Kills it, as `kill -9` does, and leaves it down until `restart`. */
  crash(): void
  /** Begins its next life; one that is up is killed first. */
  restart(): void
  /** Stops its runtime in order, then leaves it down until `restart`. Rejects with UNAVAILABLE when it crashes meanwhile. */
  stop(): Promise<void>
}

/** The world's hold on a node. */
export interface HeldNode extends SimulatedNode {
  readonly isUp: boolean
}

/** The world of a node. */
export interface NodeWorld {
  readonly plan: FaultPlan
  readonly clock: Clock
  readonly random: Random
  readonly scheduler: Scheduler
  readonly report: SimulationReport
}

// Milliseconds until a node that crashed, or could not start, is back: up to so many.
const BACK_AFTER = 3_000

/** Makes a node and begins its first life. */
export function createSimulatedNode(world: NodeWorld, name: string, options: SimulatedNodeOptions): HeldNode {
  const { plan, clock, random, scheduler, report } = world
  let life: NodeLife | null = null
  let runtime: Runtime | null = null
  let waiting: ((runtime: Runtime) => void)[] = []
  let cancelReturn = (): void => {}

  function begin(): void {
    cancelReturn()
    const coming = createNodeLife({ node: name, plan, clock, scheduler, die: () => die(coming) })
    life = coming
    report.note('starts', name, '')
    const booting = createRuntime({
      ...options,
      clock: coming.clock,
      random: createSeededRandom(Math.floor(random.next() * 2 ** 32)),
      scheduler: coming.scheduler,
      ...(options.journal ? { journal: faultyJournal(options.journal, coming, report, () => die(coming)) } : {}),
      ...(options.transport ? { transport: faultyTransport(options.transport, coming) } : {}),
    })
    booting.then(
      (started) => isUp(coming, started),
      (error: unknown) => {
        if (!coming.alive) return
        report.note('cannot start', name, error instanceof Error ? error.message : String(error))
        die(coming)
      },
    )
  }

  function isUp(of: NodeLife, started: Runtime): void {
    if (!of.alive) return
    runtime = started
    const callers = waiting
    waiting = []
    for (const caller of callers) caller(started)
  }

  function end(of: NodeLife): void {
    of.end()
    if (life !== of) return
    life = null
    runtime = null
  }

  function die(of: NodeLife): void {
    if (!of.alive) return
    end(of)
    const back = clock.now() + plan.draw(BACK_AFTER)
    cancelReturn = clock.alarm(back, begin)
  }

  const node: HeldNode = {
    name,
    get isUp() {
      return runtime !== null
    },
    up: () => (runtime ? Promise.resolve(runtime) : new Promise((resolve) => waiting.push(resolve))),
    async call(work) {
      const up = await node.up()
      // It may have died between two turns.
      if (!life || up !== runtime) throw new TroupeError('UNAVAILABLE', `node ${name} is down`, { where: name })
      return Promise.race([work(up), life.death])
    },
    crash() {
      cancelReturn()
      if (!life) return
      report.note('is killed', name, '')
      end(life)
    },
    restart() {
      node.crash()
      begin()
    },
    async stop() {
      const ending = life
      if (!ending || !runtime) return
      report.note('is stopped', name, '')
      await Promise.race([runtime.stop(), ending.death])
      end(ending)
    },
  }
  begin()
  return node
}
