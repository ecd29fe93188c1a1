import { writeSync } from 'node:fs'
import { createBudget } from '../../../actors/budget-client.ts'
import { durableBudgetKeeper } from '../../../actors/budget-keeper.ts'
import { defineModels } from '../../../actors/define-models.ts'
import { defineModelCall } from '../../../actors/model-call.ts'
import type { ModelCallAnswer } from '../../../actors/model-call-answer.ts'
import { anthropic } from '../../../actors/models/anthropic.ts'
import { openai } from '../../../actors/models/openai.ts'
import { createModels } from '../../../actors/models-client.ts'
import { priceBook } from '../../../actors/price-book.ts'
import type { BudgetView } from '../../../machines/budget.contract.ts'
import { createRuntime } from '../../../runtime/index.ts'
import { errorValue } from '../../../runtime/protocol/errors.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'

/** What a process that makes durable calls is to do, one after the other. It goes to the process as JSON. */
export interface CallPlan {
  readonly file: string
  readonly url: string
  /** The provider, and the keys of the calls. */
  readonly provider: 'openai' | 'anthropic'
  readonly keys: readonly string[]
}

/** What such a process tells, each in a line of JSON. */
export type CallLine =
  | { readonly kind: 'said'; readonly key: string; readonly text: string }
  | { readonly kind: 'answered'; readonly key: string; readonly answer: ModelCallAnswer<null> }
  | { readonly kind: 'budget'; readonly view: BudgetView }
  | { readonly kind: 'trouble'; readonly error: unknown }

const PROMPT = 'Good morning'
const plan = JSON.parse(process.argv[2] ?? '{}') as CallPlan
// Straight to the descriptor: what was told has left the process.
const say = (line: CallLine): void => void writeSync(1, `${JSON.stringify(line)}\n`)

// It does not outlive who started it.
process.stdin.on('end', () => process.exit(1)).resume()

try {
  const { url, provider, keys, file } = plan
  const model = `${provider}/test-model`
  const models = defineModels({
    providers: [
      provider === 'openai'
        ? openai({ apiKey: 'key', baseURL: `${url}/v1` })
        : anthropic({ apiKey: 'key', baseURL: url }),
    ],
    models: [{ id: model }],
    prices: priceBook({ [model]: { inputPerMillionUsd: 1_000, outputPerMillionUsd: 2_000 } }),
    tokens: { estimate: () => Promise.resolve(PROMPT.length), learn: () => {} },
    outputTokens: 100,
    durability: 'durable',
    retry: { attempts: 20, first: 1, cap: 1 },
    breakers: false,
  })
  const actors = [defineModelCall(models), durableBudgetKeeper]
  const runtime = await createRuntime({ journal: sqlite(file, { durability: 'D1' }), actors })
  const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 10_000 }, durability: 'durable' })
  const client = createModels(runtime, models, { budget })
  for (const key of keys) {
    const stream = client.stream({ model, prompt: PROMPT, key })
    for await (const { text } of stream) say({ kind: 'said', key, text })
    say({ kind: 'answered', key, answer: (await stream.result) as ModelCallAnswer<null> })
  }
  say({ kind: 'budget', view: await budget.view() })
  await runtime.stop()
} catch (thrown) {
  say({ kind: 'trouble', error: errorValue(thrown) })
}
process.exit(0)
