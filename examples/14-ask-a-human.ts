// An agent that asks a human: its question is a piece of the stream and an event, and is answered by its id.
import { createRuntime } from 'troupe'
import { createAgent, defineAgent } from 'troupe/actors'
import { defineModels, scripted } from 'troupe/models'

const question = { question: 'Pay 40 USD back?', options: ['yes', 'no'] }
const ask = { toolCalls: [{ tool: 'ask_human', input: question }] }
const provider = scripted({ answers: [ask, 'I have paid it back.', ask, 'Nobody said yes, so I did not.'] })

const cashier = defineAgent({
  type: 'cashier',
  models: defineModels({ providers: [provider] }),
  model: 'scripted/cashier',
  instructions: 'You pay orders back. Ask before you do.',
  askHuman: { timeout: '200ms' },
})

const runtime = await createRuntime()
const session = await createAgent(runtime, cashier, { key: 'ann' })
const stream = session.stream('Order A-7 came broken.')
for await (const chunk of stream) {
  if (chunk.type === 'text') console.log(chunk.text)
  if (chunk.type !== 'asked') continue
  console.log('asked:', chunk.question.text, chunk.question.options)
  await session.answer(chunk.question.id, 'yes')
}
console.log((await stream.answer).status)

// A question that nobody answers ends by itself: the call has failed with TIMEOUT, and the model goes on.
session.ref.on('agent.asked', ({ question: { text } }) => console.log('asked:', text, 'and nobody answers'))
const { text, toolCalls } = await session.generate('Order A-8 as well.')
console.log(toolCalls[0]?.code, toolCalls[0]?.message, text)
await runtime.stop()
