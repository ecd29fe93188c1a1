import { choiceOf, type FoundTool, type ToolCallContext } from '../machines/tool-call-changes.ts'
import { toolCallContract } from '../machines/tool-call.contract.ts'
import { toolCallMachine, type ToolOutcome } from '../machines/tool-call.machine.ts'
import { type ActorDefinition, type ActorOptions, defineActor } from '../runtime/kernel/definition.ts'
import { fromTask, type TaskScope } from '../runtime/kernel/from-task.ts'
import type { Contract } from '../runtime/protocol/contract.ts'
import { authorise } from '../runtime/protocol/principal.ts'
import { callFailure } from './classify-failure.ts'
import type { Tool, ToolScope } from './define-tool.ts'
import type { ToolRegistry } from './tool-registry.ts'
import { validateTool } from './tool-schema.ts'

/** What `defineToolCall` takes beside the tools. */
export interface ToolCallOptions extends Partial<Pick<ActorOptions<Contract>, 'grants' | 'keepResult' | 'durability'>> {
  /** The type of the actors that make the calls. Two sets of tools in one runtime need two. Default `tool-call`. */
  readonly name?: string
}

/**
 * Defines the actor that makes one call of one of the tools. It acts for who spawned it, with no grants of its own. With
 * `durability: 'durable'` a call outlives its process: an idempotent tool is executed again with the same key, another
 * fails as interrupted.
 */
export function defineToolCall(
  tools: ToolRegistry,
  options: ToolCallOptions = {},
): ActorDefinition<typeof toolCallContract> {
  const { name = 'tool-call', ...policies } = options
  const found = ({ found: tool }: ToolCallContext): Tool => tools.get((tool as FoundTool).key)

  const validate = fromTask(
    async ({ input, random }: TaskScope<{ tool: string; input: unknown }>): Promise<FoundTool> => {
      const tool = tools.get(input.tool)
      const { key, idempotent, timeout, retry } = tool
      const checked = await validateTool(tool.input, input.input, `the input of '${key}'`, key)
      return { key, idempotent, timeout, retry, input: checked, seed: random.next() }
    },
  )
  const authoriseCall = fromTask(({ input, principal }: TaskScope<ToolCallContext>) => {
    const tool = found(input)
    for (const grant of tool.requires) authorise(principal, grant, tool.key)
  })
  const execute = fromTask(async (scope: TaskScope<ToolCallContext>): Promise<ToolOutcome> => {
    const tool = found(scope.input)
    try {
      return { status: 'done', value: await tool.execute(scope.input.found?.input, toolScope(tool, scope)) }
    } catch (thrown) {
      return { status: 'failed', failure: callFailure(thrown, scope.clock.now()) }
    }
  })
  const check = fromTask(({ input }: TaskScope<ToolCallContext>) => {
    const tool = found(input)
    return validateTool(tool.output, input.value, `the output of '${tool.key}'`, tool.key)
  })

  return defineActor({
    ...policies,
    type: name,
    contract: toolCallContract,
    logic: toolCallMachine.provide({
      actors: { validate, authorise: authoriseCall, execute, repeat: execute, check },
    } as never),
    idempotent: ['validate', 'authorise', 'repeat', 'check'],
  })
}

function toolScope(
  tool: Tool,
  { input, signal, principal, clock, random, spawn, ref, tell }: TaskScope<ToolCallContext>,
): ToolScope {
  const { request, attempt } = input
  return {
    signal,
    // One tool that takes over from another does another thing.
    idempotencyKey: `${request.idempotencyKey}:${tool.id}`,
    traceId: request.traceId,
    requestId: request.requestId,
    principal,
    deadline: request.deadline,
    attempt,
    options: { ...tool.options, ...choiceOf(input).options },
    host: { clock, random, spawn, ref },
    // Code without types may give anything, and a note is announced.
    progress: (note: unknown) =>
      tell({ type: 'tool.noted', note: typeof note === 'string' ? note : JSON.stringify(note) }),
  }
}
