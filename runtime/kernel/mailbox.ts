import type { Scheduler } from '../ports/scheduler.ts'
import type { Cell, Delivery } from './cell.ts'

/**
 * Every mailbox of a node is a lane of one queue: messages run in the order they were accepted, so actors share the node
 * fairly, an idle actor costs nothing, and one at a time per actor follows from one at a time at all.
 */
export interface MailboxQueue {
  /** True when the actor's mailbox has no room for one more message. */
  isFull(cell: Cell): boolean
  push(delivery: Delivery): void
  /** Resolves when no message is left. */
  idle(): Promise<void>
  readonly size: number
}

// After so many messages in a row IO gets its turn.
const BURST = 1_024

/** Makes the queue. `process` must not throw; `drop` is given the messages that overflow pushed out. */
export function createMailboxQueue(
  scheduler: Scheduler,
  process: (delivery: Delivery) => void,
  drop: (delivery: Delivery) => void,
): MailboxQueue {
  let queue: Delivery[] = []
  let head = 0
  let scheduled = false
  let idleWaiters: (() => void)[] = []
  // Counts on while the queue runs empty and full again between two turns of IO, as it does under a flood of asks.
  let burst = 0

  function afterIo(): void {
    burst = 0
    drain()
  }

  function drain(): void {
    for (; burst < BURST && head < queue.length; burst++) {
      const delivery = queue[head] as Delivery
      head++
      const { cell } = delivery
      if (delivery.owed === null) cell.pending--
      else cell.internal--
      if (delivery.owed === null && cell.skipped > 0) {
        cell.skipped--
        drop(delivery)
      } else {
        process(delivery)
      }
    }
    if (head < queue.length) {
      if (head > BURST * 8) {
        queue = queue.slice(head)
        head = 0
      }
      scheduler.later(afterIo)
      return
    }
    // A queue that once was long is not kept; a short one is used again.
    if (queue.length > BURST * 8) queue = []
    else queue.length = 0
    head = 0
    scheduled = false
    const waiters = idleWaiters
    idleWaiters = []
    for (const wake of waiters) wake()
  }

  return {
    get size() {
      return queue.length - head
    },
    isFull: (cell) => cell.pending - cell.skipped >= cell.policies.mailbox.capacity,
    push(delivery) {
      if (delivery.owed === null) delivery.cell.pending++
      else delivery.cell.internal++
      queue.push(delivery)
      if (scheduled) return
      scheduled = true
      if (burst < BURST) scheduler.soon(drain)
      else scheduler.later(afterIo)
    },
    idle() {
      return scheduled ? new Promise((resolve) => idleWaiters.push(resolve)) : Promise.resolve()
    },
  }
}
