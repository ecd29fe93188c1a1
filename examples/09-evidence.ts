// Evidence: several answers to one question, compared field by field. Two that agree are enough; the third never starts.
import { createRuntime } from 'troupe'
import { createEvidence, defineEvidence, modelReplicate } from 'troupe/actors'
import { createModels, defineModels, scripted } from 'troupe/models'
import { z } from 'zod'

const invoice = z.object({ supplier: z.string(), total: z.number(), currency: z.enum(['EUR', 'USD']) })

// Each reads a clear scan alike, and makes of a smudged one what it can.
const reader = (name: string, guess: object) => {
  const seen = { supplier: 'Acme Ltd', total: 120, currency: 'EUR' }
  const isSmudged = (request: object) => JSON.stringify(request).includes('smudged')
  return scripted({ name, answers: ({ request }) => ({ json: isSmudged(request) ? { ...seen, ...guess } : seen }) })
}
const providers = [reader('one', { total: 180 }), reader('two', { currency: 'USD' }), reader('three', { total: 180 })]

const runtime = await createRuntime()
const client = createModels(runtime, defineModels({ providers }))
const totals = defineEvidence('invoice-totals', {
  schema: invoice,
  replicate: modelReplicate(client, {
    models: providers.map(({ name }) => `${name}/reader`),
    prompt: (scan: string) => `Read the invoice: ${scan}`,
    output: invoice,
  }),
  epsilon: 0.1,
})
const evidence = createEvidence(runtime, totals)
for (const scan of ['a clear scan', 'a smudged scan']) {
  const { meta, summary } = await evidence.run(scan)
  console.log(
    scan,
    `asked ${meta.models.length} of ${meta.k}`,
    meta.reason,
    `confidence ${summary.confidence.toFixed(2)}`,
  )
  console.log('all say', summary.consensus)
  for (const { field, values } of summary.disagreements) console.log('but', field, ...values)
}
await runtime.stop()
