import type { ToolCallContext } from '../machines/tool-call-changes.ts'
import type { toolCallContract, ToolCallOutput, ToolChoice } from '../machines/tool-call.contract.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { payloadHash } from './idempotency-payload.ts'

/** What the name of a call stands for; undefined for an input that is no plain data, which cannot be told from another. */
export function namedPayload(choices: readonly ToolChoice[], input: unknown): string | undefined {
  try {
    return payloadHash({ choices, input })
  } catch {
    return undefined
  }
}

/**
 * Throws CONFLICT when the call that was found under a name is another than the one that is meant. It is asked before
 * anybody waits for it: who means another must neither hear nor stop it.
 */
export async function assertSameToolCall(
  ref: Ref<typeof toolCallContract>,
  name: string,
  payload: string,
): Promise<void> {
  const { context, output } = await ref.state()
  const found = context
    ? (context as ToolCallContext).request.payload
    : (output as Partial<ToolCallOutput> | undefined)?.payload
  if (found === undefined || found === payload) return
  throw new TroupeError('CONFLICT', `the call '${name}' was made before, of another tool or with another input`, {
    where: ref.address,
    hint: 'give this one a name of its own, or call the same tools with the same input and options',
  })
}
