import type { ErrorCode } from '../protocol/error-table.ts'
import { asTroupeError, isTroupeError, TroupeError } from '../protocol/errors.ts'
import { validate } from '../protocol/validation.ts'
import { asOnWire } from './as-on-wire.ts'
import type { Ask } from './asks.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'

/** Answers an open ask of the actor with a value that its contract promised. An ask that is gone is past caring. */
export function answerAsk(kernel: Kernel, cell: Cell, id: string | undefined, value: unknown): void {
  const ask = take(cell, id)
  if (!ask) return
  try {
    ask.answer(checked(kernel, cell, ask, 'reply', value), value)
  } catch (error) {
    ask.fail(asTroupeError(error))
    throw error
  }
}

/** Answers an open ask with an error. */
export function refuseAsk(cell: Cell, id: string | undefined, reason: string, code: ErrorCode): void {
  const ask = take(cell, id)
  ask?.fail(new TroupeError(code, reason, { where: `${cell.address} '${ask.type}'` }))
}

/** Passes a chunk to whoever streams the ask. */
export function chunkAsk(kernel: Kernel, cell: Cell, id: string | undefined, value: unknown): void {
  const ask = id === undefined ? undefined : cell.asks?.get(id)
  ask?.chunk(checked(kernel, cell, ask, 'chunk', value))
}

function take(cell: Cell, id: string | undefined): Ask | undefined {
  if (id === undefined) return undefined
  const ask = cell.asks?.get(id)
  cell.asks?.delete(id)
  return ask
}

function checked(kernel: Kernel, cell: Cell, ask: Ask, kind: 'reply' | 'chunk', value: unknown): unknown {
  const schema = cell.definition?.contract.messages.get(ask.type)?.[kind]
  try {
    const what = `the ${kind} that ${cell.address} gave to '${ask.type}'`
    return asOnWire(kernel, schema ? validate(schema, value, what, cell.address) : value)
  } catch (error) {
    throw isTroupeError(error) ? blameActor(cell, error) : error
  }
}

// The asker reads this error, and has done nothing wrong: it must not look for the fault at its own place.
function blameActor({ address }: Cell, { code, message, hint, data, cause }: TroupeError): TroupeError {
  const blame = "the fault is the actor's, not the asker's"
  return new TroupeError(code, message, {
    where: address,
    hint: hint === undefined ? blame : `${blame}: ${hint}`,
    data,
    cause,
  })
}
