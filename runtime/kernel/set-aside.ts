import type { TroupeError } from '../protocol/errors.ts'
import type { Delivery } from './cell.ts'
import type { Kernel } from './kernel.ts'

/**
 * Makes a dead letter of a message that an actor does not take, and tells the sender why; of a durable actor's, once it is
 * kept: who has heard of a dead letter finds it.
 */
export function setAside(kernel: Kernel, delivery: Delivery, error: TroupeError): void {
  const { cell, event, from, principal, ask, receipt } = delivery
  const shard = cell.durable?.shard
  kernel.deadLetters.add({ to: cell.address, from, event, principal, error, shard })
  const refuse = (reason: TroupeError): void => {
    ask?.fail(reason)
    receipt?.refused(reason)
  }
  if (shard && (ask || receipt)) shard.hold(() => refuse(error), refuse)
  else refuse(error)
}
