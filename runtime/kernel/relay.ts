import type { MessageEvent } from '../protocol/contract.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { LinkEnd } from '../protocol/record.ts'
import type { Cell, Owed } from './cell.ts'
import type { DurableState } from './durable-state.ts'
import { passAlong } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { postLink } from './outbox.ts'
import { cellOf } from './self-ref.ts'
import type { Task } from './tasks.ts'

/** The link that an XState target stands for. Throws for an actor object that the runtime did not make. */
export function linkEnd(from: Cell, to: unknown): LinkEnd {
  const cell = cellOf(to)
  if (cell === from) return 'self'
  if (cell && cell === from.parent) return 'parent'
  if (cell) return { actor: cell.address }
  const id = (to as { id?: unknown } | undefined)?.id
  if (typeof id === 'string') return { child: id }
  throw new TroupeError('INVALID_MESSAGE', `${from.address} sends to an actor object it did not make`, {
    where: from.address,
    hint: 'keep addresses, not actor objects, and send with tell(address, event)',
  })
}

/** Passes a message along a link. Both ends are the author's, so there is no contract between them. */
export function relay(kernel: Kernel, from: Cell, end: LinkEnd, event: MessageEvent, owed?: Owed): void {
  const target = farEnd(kernel, from, end)
  if (target && from.durable) return relayDurably(kernel, from, from.durable, target, event, owed)
  if (target && 'kind' in target) return target.deliver(event)
  if (target && !target.ended) return passAlong(kernel, target, event, from.address, owed)
  const error = new TroupeError('NOT_FOUND', `${from.address} sent '${event.type}' to an actor that is gone`, {
    where: from.address,
  })
  kernel.deadLetters.add({ to: target?.address ?? from.address, from: from.address, event, error })
}

// To what does not outlive the process it goes when what led to it is durable.
function relayDurably(
  kernel: Kernel,
  from: Cell,
  { shard }: DurableState,
  target: Cell | Task,
  event: MessageEvent,
  owed: Owed | undefined,
): void {
  if ('kind' in target) shard.hold(() => target.deliver(event))
  else if (target.durable?.shard === shard) postLink(kernel, from, target, event, owed)
  else shard.hold(() => passAlong(kernel, target, event, from.address, owed))
}

function farEnd(kernel: Kernel, from: Cell, end: LinkEnd): Cell | Task | null | undefined {
  if (end === 'self') return from
  if (end === 'parent') return from.parent
  return 'child' in end ? from.children?.get(end.child) : kernel.registry.cells.get(end.actor)
}
