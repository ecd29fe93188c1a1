import { TroupeError } from '../protocol/errors.ts'
import type { Delivery } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { pushedOut } from './restart-mailbox.ts'
import { setAside } from './set-aside.ts'

/** Sets a message aside that newer ones pushed out of its mailbox. */
export function overflowed(kernel: Kernel, delivery: Delivery): void {
  const oldest = pushedOut(delivery)
  const { cell, event, origin } = oldest
  const error = new TroupeError(
    'OVERLOADED',
    `newer messages pushed '${event.type}' out of the mailbox of ${cell.address}`,
    {
      where: cell.address,
      hint: 'send slower, or give the definition a larger mailbox',
    },
  )
  setAside(kernel, oldest, error)
  origin?.settle()
}
