import type { MessageEvent } from '../protocol/contract.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import { signal } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { cellOf } from './self-ref.ts'

/**
 * A message along a link that the chart itself made: to itself, to its parent, to a child it invoked. Both ends are the
 * author's, so there is no contract between them; to anyone else a message goes by address.
 */
export function relay(kernel: Kernel, from: Cell, to: unknown, event: MessageEvent): void {
  const target = cellOf(to)
  if (target && !target.ended) return signal(kernel, target, event, from.address)
  const childId = target ? null : (to as { id?: string } | undefined)?.id
  const child = childId == null ? undefined : from.children?.get(childId)
  if (child && 'kind' in child) return child.deliver(event)
  if (child) return signal(kernel, child, event, from.address)
  const error = new TroupeError('NOT_FOUND', `${from.address} sent '${event.type}' to an actor that is gone`, {
    where: from.address,
  })
  kernel.deadLetters.add({ to: target?.address ?? from.address, from: from.address, event, error })
}
