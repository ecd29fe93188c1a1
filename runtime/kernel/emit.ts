import type { MessageEvent } from '../protocol/contract.ts'
import { TroupeError } from '../protocol/errors.ts'
import { validate } from '../protocol/validation.ts'
import { asOnWire } from './as-on-wire.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'

/** Gives an emitted event to whoever listens. Throws when the contract does not promise it. */
export function emitEvent(kernel: Kernel, cell: Cell, event: MessageEvent): void {
  if (!cell.listeners && !kernel.remote) return
  const promised = asOnWire(kernel, checked(cell, event))
  // A copy: who subscribes while it is told is told from the next event on.
  for (const { type, hear } of [...(cell.listeners ?? [])]) if (type === '*' || type === event.type) hear(promised)
  kernel.remote?.emitted(cell.address, promised)
}

function checked(cell: Cell, event: MessageEvent): MessageEvent {
  if (!cell.definition) return event
  const schema = cell.definition.contract.emits.get(event.type)
  if (schema) return validate(schema, event, `the event '${event.type}'`, cell.address) as MessageEvent
  throw new TroupeError('INVALID_MESSAGE', `the contract of ${cell.address} has no event '${event.type}'`, {
    where: cell.address,
    hint: `it emits: ${[...cell.definition.contract.emits.keys()].join(', ') || 'nothing'}`,
  })
}
