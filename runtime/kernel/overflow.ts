import { TroupeError } from '../protocol/errors.ts'
import type { Delivery } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { pushedOut } from './restart-mailbox.ts'

/** Sets a message aside that newer ones pushed out of its mailbox. */
export function overflowed(kernel: Kernel, delivery: Delivery): void {
  const { cell, event, from, principal, ask, receipt, origin } = pushedOut(delivery)
  const error = new TroupeError(
    'OVERLOADED',
    `newer messages pushed '${event.type}' out of the mailbox of ${cell.address}`,
    {
      where: cell.address,
      hint: 'send slower, or give the definition a larger mailbox',
    },
  )
  kernel.deadLetters.add({ to: cell.address, from, event, principal, error, shard: cell.durable?.shard })
  ask?.fail(error)
  receipt?.refused(error)
  origin?.settle()
}
