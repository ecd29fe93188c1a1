import { writeSync } from 'node:fs'
import { createBudget } from '../../../actors/budget-client.ts'
import { defineModels } from '../../../actors/define-models.ts'
import { anthropic } from '../../../actors/models/anthropic.ts'
import { openai } from '../../../actors/models/openai.ts'
import { createModels } from '../../../actors/models-client.ts'
import { createRuntime, isTroupeError } from '../../../runtime/index.ts'

/** A process that calls models at the address of its argument, stops its runtime in the middle, and is to end by itself. */
const url = process.argv[2] ?? ''
const runtime = await createRuntime()
const models = defineModels({
  providers: [openai({ apiKey: 'key', baseURL: `${url}/v1` }), anthropic({ apiKey: 'key', baseURL: url })],
  priceCeiling: { inputPerMillionUsd: 1, outputPerMillionUsd: 1 },
})
const budget = await createBudget(runtime, { key: 'run', limit: { costUsd: 1 } })
const client = createModels(runtime, models, { budget })
const heard: Promise<unknown>[] = []
const calls = ['openai/a', 'anthropic/b', 'openai/c', 'anthropic/d'].map((model) => {
  const stream = client.stream({ model, prompt: 'Good morning' })
  heard.push(
    stream[Symbol.asyncIterator]()
      .next()
      .catch(() => null),
  )
  return stream.result.then(
    () => 'answered',
    (error: unknown) => (isTroupeError(error) ? error.code : String(error)),
  )
})
await Promise.all(heard)
await runtime.stop({ drain: 0 })
const codes = await Promise.all(calls)
writeSync(1, JSON.stringify(codes))
