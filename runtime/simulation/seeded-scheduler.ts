import type { Scheduler } from '../ports/scheduler.ts'
import { createSeededRandom } from './seeded-random.ts'

/** A scheduler whose order a seed decides. Share one among the nodes of a simulated realm. */
export interface SeededScheduler extends Scheduler {
  /** How many turns it has given. */
  readonly turns: number
  /** How many callbacks wait for theirs. */
  readonly ready: number
}

/**
 * Makes a scheduler that runs what is ready in an order drawn from the seed: the nodes that share it interleave
 * differently under each seed and alike under the same, so a race that a seed shows can be run again.
 *
 * @example
 * const scheduler = createSeededScheduler(42)
 * const [a, b] = await Promise.all([createRuntime({ scheduler, transport }), createRuntime({ scheduler, transport })])
 */
export function createSeededScheduler(seed: number): SeededScheduler {
  const random = createSeededRandom(seed)
  const ready: (() => void)[] = []
  let awake = false
  let turns = 0

  function take(): void {
    const callback = ready.splice(Math.floor(random.next() * ready.length), 1)[0]
    turns++
    try {
      callback?.()
    } finally {
      if (ready.length > 0) rouse()
      else awake = false
    }
  }

  // One turn of the event loop each: whatever becomes ready meanwhile takes part in the next draw.
  function rouse(): void {
    awake = true
    setImmediate(take)
  }

  function add(callback: () => void): void {
    ready.push(callback)
    if (!awake) rouse()
  }

  return {
    get turns() {
      return turns
    },
    get ready() {
      return ready.length
    },
    soon: add,
    later: add,
  }
}
