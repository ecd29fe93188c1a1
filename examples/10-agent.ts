// An agent: a model in a loop with tools. Its chart says what it may call when, its grants what it may do at all.
import { createRuntime } from 'troupe'
import { createAgent, defineAgent, defineTool } from 'troupe/actors'
import { defineModels, scripted } from 'troupe/models'
import { createMachine } from 'xstate'
import { z } from 'zod'

const input = z.object({ order: z.string() })
const basics = { version: '1.0.0', input, output: z.object({ amount: z.number() }), execute: () => ({ amount: 40 }) }
const look = defineTool({ ...basics, id: 'look_up', description: 'Finds an order.' })
const refund = defineTool({ ...basics, id: 'refund', description: 'Pays an order back.', requires: ['money.pay'] })

// This model wants to pay at once. It may not before it has looked: the call is refused, and it is told why.
const call = (tool: string) => ({ toolCalls: [{ tool, input: { order: 'A-7' } }] })
const provider = scripted({ answers: [call('refund'), call('look_up'), call('refund'), 'You have your 40 back.'] })

const clerk = defineAgent({
  type: 'clerk',
  models: defineModels({ providers: [provider] }),
  model: 'scripted/clerk',
  instructions: 'You help with orders. Use the tools.',
  tools: [look, refund],
  grants: ['money.pay'],
  chart: createMachine({
    initial: 'new',
    states: { new: { on: { 'tool.look_up': 'seen' } }, seen: { on: { 'tool.refund': 'paid' } }, paid: {} },
  }),
  limits: { steps: 6 },
})

const runtime = await createRuntime()
const session = await createAgent(runtime, clerk, { key: 'ann' })
session.ref.on('agent.refused', ({ tool, reason }) => console.log('refused:', tool, reason))
const answer = await session.generate('I want my money back for order A-7.')
for (const { tool, input, status } of answer.toolCalls) console.log(tool, input, status)
console.log(answer.status, answer.text, `(${answer.steps} steps)`)
await runtime.stop()
