import type { ModelUsage } from '../../../machines/model-usage.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import { createBudget } from '../../../actors/budget-client.ts'
import { defineModels } from '../../../actors/define-models.ts'
import type { ModelProvider } from '../../../actors/models/model-provider.ts'
import { createModels, type ModelsClient } from '../../../actors/models-client.ts'
import { createRuntime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { collectGarbage } from '../collect-garbage.ts'
import { nanoseconds } from '../stopwatch.ts'

const usage: ModelUsage = {
  inputTokens: { total: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, reasoning: 0 },
}
const CHUNKS: readonly ModelChunk[] = [
  { type: 'text', text: 'for' },
  { type: 'text', text: 'ty' },
  { type: 'usage', usage },
  { type: 'finish', reason: 'stop', model: 'model', requestId: null },
]

// Answers at once: all that is left is what a call costs by itself.
const provider: ModelProvider = {
  name: 'instant',
  free: true,
  async *stream() {
    yield* CHUNKS
  },
  models: () => Promise.resolve([]),
  health: () => Promise.resolve({ healthy: true, server: null, reason: null }),
}

async function openClient(isPaid: boolean): Promise<ModelsClient> {
  const runtime = await createRuntime({ freezeMessages: false })
  const models = defineModels({
    providers: [provider],
    models: [{ id: 'instant/model' }],
    tokens: { estimate: () => Promise.resolve(10), learn: () => {} },
  })
  const budget = isPaid ? await createBudget(runtime, { key: 'bench', limit: { tokens: 1e15 } }) : undefined
  return createModels(runtime, models, budget ? { budget } : {})
}

const options = { prompt: 'how much?' }

async function check(client: ModelsClient): Promise<void> {
  const { text, attempts } = await client.call(options)
  if (text !== 'forty' || attempts.length !== 1) throw new Error(`A call answered '${text}'.`)
}

/** Nanoseconds of one model call through the whole path: an actor, a breaker, the router, and a budget where it is paid. */
export async function troupeModelCall(isPaid: boolean): Promise<Probe> {
  const client = await openClient(isPaid)
  return {
    check: () => check(client),
    sample: nanoseconds(async (count) => {
      for (let call = 0; call < count; call += 1) await client.call(options)
    }),
  }
}

/** Bytes of heap that a process holds after so many calls, beyond what it held after a thousand. */
export async function troupeModelCallHeap(calls: number): Promise<Probe> {
  const client = await openClient(true)
  return {
    check: () => check(client),
    async sample() {
      for (let call = 0; call < 1_000; call += 1) await client.call(options)
      for (let call = 1_000; call < calls; call += 100) {
        await Promise.all(Array.from({ length: 100 }, () => client.call(options)))
      }
      collectGarbage()
      return process.memoryUsage().heapUsed
    },
  }
}
