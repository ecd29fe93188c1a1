// A budget is a tree of limits in one actor: what a call may cost is set aside before it, at every node up to the root.
import { createRuntime, isTroupeError } from 'troupe'
import { createBudget } from 'troupe/actors'
import { createModels, defineModels, priceBook, scripted } from 'troupe/models'

const provider = scripted({ free: false, answers: () => ({ text: 'Fine.', usage: { input: 120, output: 30 } }) })
const models = defineModels({
  providers: [provider],
  models: [{ id: 'scripted/small' }],
  prices: priceBook({ 'scripted/small': { inputPerMillionUsd: 1, outputPerMillionUsd: 4 } }),
  outputTokens: 200,
})

const runtime = await createRuntime()
const budget = await createBudget(runtime, { key: 'day', limit: { costUsd: 0.0015 } })
const report = await budget.child('report', { costUsd: 0.001 })
const client = createModels(runtime, models, { budget: report })

// Three callers at once: there is money for what all of them might use, or some are refused before anything is sent.
const prompt = 'How are the numbers?'
const asked = await Promise.allSettled([1, 2, 3].map(() => client.call({ prompt, model: 'scripted/small' })))
for (const call of asked) {
  if (call.status === 'fulfilled') console.log('paid', call.value.costUsd)
  else if (isTroupeError(call.reason)) console.log(call.reason.code, call.reason.message)
}
console.log('calls made:', provider.calls.length)

const left = await report.close()
console.log('settled', left.settled.costUsd, 'of', left.limit.costUsd)
const { held, settled } = await budget.view()
console.log('the day: held', held.costUsd, 'settled', settled.costUsd)
await runtime.stop()
