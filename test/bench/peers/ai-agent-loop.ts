import type { Probe } from '../bench-case.ts'
import { loadPeer } from '../load-peer.ts'
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

interface AiModule {
  readonly generateText: (options: object) => Promise<{
    readonly text: string
    readonly steps: readonly { readonly toolResults: readonly { readonly output: unknown }[] }[]
  }>
  readonly tool: (options: object) => unknown
  readonly stepCountIs: (count: number) => unknown
}

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, text: 2, reasoning: 0 },
}

// As little as the interface of a language model asks for: no list of the calls it was asked for.
const model = {
  specificationVersion: 'v4',
  provider: 'instant',
  modelId: 'model',
  supportedUrls: {},
  async doGenerate({ prompt }: { readonly prompt: readonly { readonly role: string }[] }) {
    const turn = prompt.filter(({ role }) => role === 'tool').length
    const isLast = turn === TURNS - 1
    const call = { type: 'tool-call', toolCallId: `call-${turn}`, toolName: 'double', input: inputOf(turn) }
    return {
      content: [isLast ? { type: 'text', text: LAST_WORD } : call],
      finishReason: { unified: isLast ? 'stop' : 'tool-calls', raw: undefined },
      usage,
      warnings: [],
    }
  },
}

/** Microseconds of CPU for one run of the AI SDK's loop. */
export async function aiAgentLoop(): Promise<Probe> {
  const { generateText, tool, stepCountIs } = await loadPeer<AiModule>('ai')
  const description = 'Doubles a number.'
  const tools = {
    double: tool({
      description,
      inputSchema: toolInput,
      outputSchema: toolOutput,
      execute: async (input: never) => double(input),
    }),
  }
  const options = {
    model,
    tools,
    prompt: PROMPT,
    instructions: 'Use the tool.',
    stopWhen: stepCountIs(20),
    maxRetries: 2,
  }
  const run = () => generateText(options)
  return {
    async check() {
      const { text, steps } = await run()
      checkLoop(
        text,
        steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output)),
      )
    },
    sample: microsecondsOfCpu(run),
  }
}
