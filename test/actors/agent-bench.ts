import { z } from 'zod'
import type { AgentDesign } from '../../actors/define-agent.ts'
import { defineModels, type Models, type ModelsOptions } from '../../actors/define-models.ts'
import { defineTool, type Tool, type ToolScope } from '../../actors/define-tool.ts'
import {
  type ScriptedAnswer,
  scripted,
  type ScriptedCall,
  type ScriptedProvider,
} from '../../actors/models/scripted.ts'
import type { MessagePart } from '../../machines/model-request.ts'
import type { Runtime, RuntimeOptions } from '../../runtime/index.ts'
import type { VirtualClock } from '../../runtime/testing.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { perCharacter, prices } from './model-bench.ts'

type Answers = readonly ScriptedAnswer[] | ((call: ScriptedCall) => ScriptedAnswer)

export interface AgentBench {
  readonly runtime: Runtime
  readonly clock: VirtualClock
  readonly provider: ScriptedProvider
  /** What every agent of the bench begins with. */
  readonly base: Pick<AgentDesign<undefined, null>, 'type' | 'models' | 'instructions'>
}

/** A runtime with a model that follows a script, `a/small`: a USD for a thousand tokens in, two for a thousand out. */
export async function agentBench(
  answers: Answers,
  options: { readonly models?: Partial<ModelsOptions>; readonly runtime?: RuntimeOptions } = {},
): Promise<AgentBench> {
  const { runtime, clock } = await openRuntime(options.runtime ?? {})
  const { models, provider } = scriptedModels(answers, { ...options.models }, runtime.clock)
  return { runtime, clock, provider, base: { type: 'clerk', models, instructions: 'Use the tools.' } }
}

/** Models that follow a script. */
export function scriptedModels(
  answers: Answers,
  options: Partial<ModelsOptions>,
  clock: Pick<Runtime['clock'], 'after'>,
): { readonly models: Models; readonly provider: ScriptedProvider } {
  const provider = scripted({ name: 'a', free: false, answers: answers as never, clock })
  const models = defineModels({
    providers: [provider],
    models: [{ id: 'a/small' }],
    prices,
    tokens: perCharacter,
    outputTokens: 100,
    retry: { attempts: 1 },
    ...options,
  })
  return { models, provider }
}

/** A turn in which the model wants tools called. */
export function wants(...calls: readonly (readonly [tool: string, input: unknown])[]): ScriptedAnswer {
  return { toolCalls: calls.map(([tool, input]) => ({ tool, input })), usage: { input: 10, output: 5 } }
}

/** A tool that doubles a number, or does what the test wants. */
export function doubling(
  execute: (input: { n: number }, scope: ToolScope) => unknown = ({ n }) => ({ n: n * 2 }),
  more: object = {},
): Tool {
  return defineTool({
    id: 'double',
    version: '1.0.0',
    description: 'Doubles a number.',
    input: z.object({ n: z.number() }),
    output: z.unknown(),
    ...more,
    execute,
  })
}

/** What the model was told of its tools before its call with the index. */
export function toldBefore(
  provider: ScriptedProvider,
  index: number,
): readonly Extract<MessagePart, { type: 'tool-result' }>[] {
  const { content } = provider.calls[index]?.request.messages.at(-1) ?? { content: '' }
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'tool-result')
}
