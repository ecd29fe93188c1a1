import { callKey } from './evidence-models.ts'
import type { Replicate, ReplicateScope } from './evidence-replicate.ts'
import type { Tool } from './define-tool.ts'
import type { Tools } from './define-tools.ts'
import { createTools, type InputOfTool } from './tools-client.ts'

/** What `toolReplicate` takes. */
export interface ToolReplicateOptions<Question, T extends Tool, Id extends string> {
  /** Which tool; or one for each replicate in turn, when they answer in one form. */
  readonly tool: Id | readonly [Id, ...Id[]]
  /** What the tool is given; the number of the replicate counts from 0. */
  readonly input: (question: Question, index: number) => InputOfTool<T, Id>
}

/**
 * A replicate that is a tool call, with the replicate's own name as its idempotency key.
 *
 * @example
 * const replicate = toolReplicate(tools, { tool: ['parse', 'scan'], input: ({ path }: { path: string }) => ({ path }) })
 */
export function toolReplicate<Question, T extends Tool, const Id extends string>(
  tools: Tools<T>,
  { tool, input }: ToolReplicateOptions<Question, T, Id>,
): Replicate<Question> {
  const names: readonly string[] = typeof tool === 'string' ? [tool] : tool
  // Who names a tool that is not there learns of it when the evidence is defined.
  for (const name of names) tools.get(name)
  return async (index, scope: ReplicateScope<Question>) => {
    const name = names[index % names.length] as Id
    const { idempotencyKey, signal, question } = scope
    const request = { call: callKey(scope), idempotencyKey, signal }
    return { data: await createTools(scope, tools).call(name, input(question, index), request) }
  }
}
