import { createAgent } from '../../../actors/agent-client.ts'
import { defineAgent } from '../../../actors/define-agent.ts'
import { defineModels } from '../../../actors/define-models.ts'
import { defineTool } from '../../../actors/define-tool.ts'
import type { ModelProvider } from '../../../actors/models/model-provider.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import { createRuntime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { microsecondsOfCpu } from '../cpu-stopwatch.ts'
import {
  checkLoop,
  double,
  inputOf,
  LAST_WORD,
  PROMPT,
  toolInput,
  toolOutput,
  TURNS,
} from '../workload/agent-loop-work.ts'

const usage = {
  inputTokens: { total: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, reasoning: 0 },
}

// Answers at once; a turn is told by the results that are there.
const provider: ModelProvider = {
  name: 'instant',
  free: true,
  async *stream(_, { messages }): AsyncGenerator<ModelChunk> {
    const turn = messages.filter(({ role }) => role === 'tool').length
    const isLast = turn === TURNS - 1
    if (isLast) yield { type: 'text', text: LAST_WORD }
    else yield { type: 'tool-call', id: `call-${turn}`, tool: 'double', input: inputOf(turn) }
    yield { type: 'usage', usage }
    yield { type: 'finish', reason: isLast ? 'stop' : 'tool-calls', model: 'model', requestId: null }
  },
  models: () => Promise.resolve([]),
  health: () => Promise.resolve({ healthy: true, server: null, reason: null }),
}

/** Microseconds of CPU for one run of an agent: every model call and every tool call is an actor, behind a breaker. */
export async function troupeAgentLoop(): Promise<Probe> {
  const runtime = await createRuntime({ freezeMessages: false })
  const models = defineModels({
    providers: [provider],
    models: [{ id: 'instant/model' }],
    tokens: { estimate: () => Promise.resolve(10), learn: () => {} },
  })
  const results: unknown[] = []
  const tool = defineTool({
    id: 'double',
    version: '1.0.0',
    description: 'Doubles a number.',
    input: toolInput,
    output: toolOutput,
    execute: (input) => {
      const made = double(input)
      if (results.length < TURNS) results.push(made)
      return made
    },
  })
  const agent = defineAgent({ type: 'looper', models, instructions: 'Use the tool.', tools: [tool] })
  const run = async () => {
    const session = await createAgent(runtime, agent)
    const answer = await session.generate(PROMPT)
    await session.stop()
    return answer
  }
  return {
    async check() {
      const { text } = await run()
      checkLoop(text, results)
    },
    sample: microsecondsOfCpu(run),
  }
}
