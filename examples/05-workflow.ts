// A workflow: steps that wait for each other, and run side by side where they can.
import { createRuntime } from 'troupe'
import { defineWorkflow } from 'troupe/actors'
import { z } from 'zod'

const trip = defineWorkflow('trip', { input: z.object({ city: z.string() }) })
  .step('forecast', { run: async ({ input }) => ({ city: input.city, degrees: 21 }) })
  .step('sights', { run: () => ['castle', 'market', 'old bridge'] })
  .map('tickets', {
    after: ['sights'],
    over: ({ results }) => results.sights,
    limit: 2,
    run: async ({ item }) => {
      if (item === 'market') throw new Error('the market needs no ticket')
      return `${item}: 2 tickets`
    },
  })
  .step('plan', {
    after: ['forecast', 'tickets'],
    timeout: '5s',
    run: ({ results }) => `${results.forecast.city}, ${results.forecast.degrees} degrees`,
  })
  .output(({ results }) => ({
    plan: results.plan,
    booked: results.tickets.flatMap((ticket) => (ticket.status === 'done' ? [ticket.value] : [])),
  }))

const runtime = await createRuntime()
const ref = await runtime.spawn(trip, { key: 'may', input: { city: 'Prague' } })
ref.on('step.completed', ({ step }) => console.log(`${step} is done`))

const { status, reason, output } = await ref.result()
console.log(status, '-', reason)
console.log(output)

await runtime.stop()
