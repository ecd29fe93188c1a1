import { assertPlain } from '../protocol/codec.ts'
import { TroupeError } from '../protocol/errors.ts'
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
