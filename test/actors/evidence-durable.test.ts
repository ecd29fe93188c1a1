import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { durableBudgetKeeper } from '../../actors/budget-keeper.ts'
import { createBudget } from '../../actors/budget-client.ts'
import { defineModels } from '../../actors/define-models.ts'
import { createEvidence } from '../../actors/evidence-client.ts'
import { modelReplicate } from '../../actors/evidence-models.ts'
import { defineEvidence } from '../../actors/evidence.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import { type ScriptedAnswer, scripted } from '../../actors/models/scripted.ts'
import type { VirtualClock } from '../../runtime/testing.ts'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { perCharacter, prices } from './model-bench.ts'

const schema = z.object({ total: z.number() })
const answer = { json: { total: 4 }, usage: { input: 10, output: 5 } }

/** A process with durable evidence of durable calls, and what its provider says. */
async function live(journal: ReturnType<typeof gatedJournal>, answers: readonly ScriptedAnswer[]) {
  let clock: VirtualClock | null = null
  const provider = scripted({
    name: 'a',
    free: false,
    answers,
    clock: { after: (ms, callback) => (clock as VirtualClock).alarm((clock as VirtualClock).now() + ms, callback) },
  })
  const models = defineModels({
    providers: [provider],
    models: [{ id: 'a/small', tier: 'small' }],
    prices,
    tokens: perCharacter,
    outputTokens: 100,
    durability: 'durable',
    retry: { jitter: 'none' },
  })
  const definition = defineEvidence<string>('totals', {
    schema,
    durability: 'durable',
    replicate: modelReplicate(models, { prompt: (text: string) => text, output: schema }),
  })
  const opened = await openRuntime({ journal, actors: [definition, defineModelCall(models), durableBudgetKeeper] })
  clock = opened.clock
  const budget = await createBudget(opened.runtime, { key: 'run', limit: { tokens: 10_000 }, durability: 'durable' })
  return { ...opened, provider, definition, budget, client: createEvidence(opened.runtime, definition, { budget }) }
}

it('evidence of durable calls goes on after its process ended, and asks for no answer twice that it has', async () => {
  const journal = gatedJournal()
  const first = await live(journal, [answer, { ...answer, delay: '30s' }])
  const cutOff = first.client.run('?', { key: 'b' }).catch(() => 'gone')
  const ref = first.runtime.ref(first.definition, 'b')
  await vi.waitFor(async () => expect(JSON.stringify((await ref.state()).context)).toContain('replicate_done'))
  await first.runtime.idle()
  await first.runtime.stop({ drain: 0 })
  expect(await cutOff).toBe('gone')

  const second = await live(journal, [answer, answer])
  const running = second.client.run('?', { key: 'b' })
  await second.clock.advance('5s')
  const bundle = await running
  expect(second.provider.calls).toHaveLength(1)
  expect(bundle).toMatchObject({ status: 'succeeded', meta: { completed: 2, reason: 'agreement' } })
  expect(bundle.summary.consensus).toEqual({ total: 4 })
  const view = await second.budget.view()
  expect(view.held.tokens).toBe(0)
  expect(view.settled.costUsd).toBeCloseTo(bundle.costUsd, 9)
})
