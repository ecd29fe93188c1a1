// A model call is one actor, however many attempts: it waits and tries again, falls back, and says what it did and cost.
import { createRuntime } from 'troupe'
import { createModels, defineModels, priceBook, scripted } from 'troupe/models'
import { z } from 'zod'

// Two providers that follow a script stand for openai() and anthropic(): no key, no network.
const busy = scripted({ name: 'first', free: false, answers: () => ({ fail: 'server_error' }) })
const calm = scripted({
  name: 'second',
  free: false,
  answers: ['{"total":', { json: { total: 42 } }, { text: ['Well, ', 'it is ', '42.'] }],
})
const price = { inputPerMillionUsd: 1, outputPerMillionUsd: 4 }

const models = defineModels({
  providers: [busy, calm],
  models: [
    { id: 'first/large', tier: 'large' },
    { id: 'second/small', tier: 'small' },
  ],
  prices: priceBook({ 'first/large': price, 'second/small': price }),
  retry: { attempts: 2, first: 10, jitter: 'none' },
})

const runtime = await createRuntime()
const client = createModels(runtime, models)
const prompt = 'What is the total of the invoice?'

const output = z.object({ total: z.number() })
const answer = await client.call({ model: ['first/large', 'second/small'], prompt, output })
console.log(answer.object, 'by', answer.model, `(${answer.status})`)
for (const { model, category, delay } of answer.attempts) console.log('-', model, category ?? 'answered', `${delay} ms`)
console.log(answer.costUsd, 'USD')

for await (const { text } of client.stream({ model: 'second/small', prompt })) console.log('>', text)
await runtime.stop()
