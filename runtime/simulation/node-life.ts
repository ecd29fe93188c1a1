import type { Clock } from '../ports/clock.ts'
import type { Scheduler } from '../ports/scheduler.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { FaultPlan } from './fault-plan.ts'

/**
 * One life of a simulated node, from its start to its crash. A process that is killed does nothing any more; here its
 * code is still in memory, so all it could reach is cut: what it waits for never comes, what it asks for never happens.
 */
export interface NodeLife {
  readonly node: string
  readonly alive: boolean
  readonly plan: FaultPlan
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** Rejects with UNAVAILABLE when the life ends. */
  readonly death: Promise<never>
  /** The promise as the node sees it: once it is dead, it never settles. */
  guard<T>(promise: Promise<T>): Promise<T>
  /** Resolves after the time given, unless the node dies before. */
  pause(ms: number): Promise<void>
  /** Is called when the life ends. */
  atEnd(callback: () => void): void
  end(): void
}

/** What a life is part of. */
export interface LifeFacts {
  readonly node: string
  readonly plan: FaultPlan
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** Ends the life, and sees to what comes after it. */
  readonly die: () => void
}

/** Begins a life. */
export function createNodeLife({ node, plan, clock, scheduler, die }: LifeFacts): NodeLife {
  const endings = new Set<() => void>()
  let alive = true
  let bury: (reason: TroupeError) => void = () => {}
  const death = new Promise<never>((_, reject) => {
    bury = reject
  })
  death.catch(() => {})

  function turn(callback: () => void): () => void {
    return () => {
      if (!alive) return
      if (plan.strikes('crash', node, '')) die()
      else callback()
    }
  }

  const life: NodeLife = {
    node,
    get alive() {
      return alive
    },
    plan,
    clock: {
      now: () => clock.now(),
      alarm(due, callback, options) {
        if (!alive) return () => {}
        const cancel = clock.alarm(due, rung, options)
        const forget = (): void => {
          endings.delete(forget)
          cancel()
        }
        function rung(): void {
          endings.delete(forget)
          callback()
        }
        endings.add(forget)
        return forget
      },
    },
    scheduler: {
      soon: (callback) => scheduler.soon(turn(callback)),
      later: (callback) => scheduler.later(turn(callback)),
    },
    death,
    guard: (promise) =>
      new Promise((resolve, reject) => {
        promise.then(
          (value) => alive && resolve(value),
          (error: Error) => alive && reject(error),
        )
      }),
    pause: (ms) => new Promise((resolve) => void life.clock.alarm(clock.now() + ms, resolve)),
    atEnd: (callback) => void endings.add(callback),
    end() {
      if (!alive) return
      alive = false
      for (const ending of [...endings]) ending()
      endings.clear()
      bury(new TroupeError('UNAVAILABLE', `node ${node} crashed`, { where: node, hint: 'it comes back' }))
    },
  }
  return life
}

/** A promise that never settles: what a dead node waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}
