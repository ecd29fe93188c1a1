import { describe, expect, it } from 'vitest'
import { FAILURE_RULES } from '../../../../machines/model-failure.ts'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS, SECRET } from '../../../support/models/provider-matrix.ts'
import { type ShownAction, SHOWN_FAULTS } from '../../../support/models/shown-faults.ts'

/** The delays before the attempts at the failing model, with half of what chance allows of 1 s and of 2 s. */
const DELAYS: Readonly<Record<ShownAction, readonly number[]>> = {
  retry: [0, 500, 1_000],
  'fall back': [0],
  fail: [0],
}

for (const [name, make] of PROVIDERS) {
  describe(`${name}, over HTTP through the whole path`, () => {
    it.each(SHOWN_FAULTS)('$name: $category, $action', async ({ answer, category, action, counts }) => {
      const bench = await openHttpBench(make, {
        answers: () => answer,
        backup: [{ text: 'rescued' }],
        models: { breakers: { [make({ url: 'http://x', baseURL: 'http://x' }).name]: { failures: 100 } } },
      })
      const { drive, client, model, server, backup, budget } = bench
      const end = await drive(endOf(client.call({ model: [model, 'backup/test-model'], prompt: 'Good morning' })))

      const delays = DELAYS[action]
      const failed = delays.map((delay) => ({ model, category, delay }))
      const rescue = action === 'fail' ? [] : [{ model: 'backup/test-model', category: null, delay: 0 }]
      expect(end.attempts.map((each) => ({ model: each.model, category: each.category, delay: each.delay }))).toEqual([
        ...failed,
        ...rescue,
      ])
      expect([server.requests.length, backup.requests.length]).toEqual([delays.length, rescue.length])
      expect(end.text).toBe(action === 'fail' ? null : 'rescued')
      expect(end.code).toBe(action === 'fail' ? FAILURE_RULES[category].code : null)
      // A wrong key is for its owner to put right: who reads the error learns what to do, and never the key.
      const isKey = category === 'authentication' || category === 'permission'
      expect(end.hint?.includes('key') ?? false).toBe(isKey)
      expect(JSON.stringify(end)).not.toContain(SECRET)
      expect(await bench.breakerOf(bench.provider)).toMatchObject({
        state: 'closed',
        failures: counts ? delays.length : 0,
      })
      const { held, settled } = await budget.view()
      expect([held.tokens, held.nanoUsd, settled.nanoUsd]).toEqual([0, 0, end.costNanoUsd])
    })

    it('a failure without another model ends the call with all its attempts', async () => {
      const { drive, client, model, server } = await openHttpBench(make, { answers: () => ({ status: 503 }) })
      const end = await drive(endOf(client.call({ model, prompt: 'Good morning' })))
      expect(end).toMatchObject({ code: 'UNAVAILABLE', attempts: [{ delay: 0 }, { delay: 500 }, { delay: 1_000 }] })
      expect(server.requests).toHaveLength(3)
    })
  })
}
