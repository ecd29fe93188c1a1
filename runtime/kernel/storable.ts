import { assertPlain } from '../protocol/codec.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { ErrorCode } from '../protocol/error-table.ts'
import { type ErrorValue, errorValue, TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import type { Step } from './step.ts'

/** Throws INVALID_MESSAGE for a value that a record cannot hold. */
export function assertStorable(value: unknown, where: string, what = 'the message'): void {
  try {
    assertPlain(value)
  } catch (cause) {
    throw new TroupeError(
      'INVALID_MESSAGE',
      `${what} of ${where} cannot be written down: ${(cause as Error).message}`,
      {
        where,
        hint: 'a durable actor holds plain data: objects, arrays, texts, numbers, dates and bytes, nothing circular',
        cause,
      },
    )
  }
}

/** Throws INVALID_MESSAGE for a step of a durable actor that could not be read back: then it has not happened. */
export function assertStorableStep({ address, snapshot: before }: Cell, { snapshot }: Step): void {
  if (snapshot.context !== before.context) assertStorable(snapshot.context, address, 'the context')
  if (snapshot.output !== undefined) assertStorable(snapshot.output, address, 'the output')
}

/** An error as a record holds it, and as a durable chart is told it: the same before a restart and after. */
export function storableError(thrown: unknown, code: ErrorCode): ErrorValue {
  const error = errorValue(thrown, code)
  if (isStorable(error)) return error
  const { data: _, ...facts } = error
  return facts
}

/** An event as a dead letter holds it: of one that cannot be written down, its type. */
export function storableEvent(event: MessageEvent): MessageEvent {
  return isStorable(event) ? event : { type: event.type }
}

function isStorable(value: unknown): boolean {
  try {
    assertPlain(value)
    return true
  } catch {
    return false
  }
}
