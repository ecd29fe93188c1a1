import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseModel, type ModelFacts, modelTask, tiersFor } from '../../machines/model-choice.ts'
import type { ModelInfo } from '../../machines/model-info.ts'

const ALL = { tools: true, structuredOutput: true, vision: true, sampling: true }

function facts(
  id: string,
  tier: ModelInfo['tier'],
  more: Omit<Partial<ModelFacts>, 'info'> & { info?: Partial<ModelInfo> } = {},
): ModelFacts {
  const info: ModelInfo = {
    id,
    provider: 'p',
    name: id,
    tier,
    contextWindow: 10_000,
    maxOutput: null,
    capabilities: ALL,
    ...more.info,
  }
  const rates = { inputPerMillion: 1_000_000, outputPerMillion: 2_000_000 }
  return { inputTokens: 100, outputTokens: 100, costNanoUsd: 300, rates, health: 'closed', ...more, info }
}

const three = [facts('s', 'small'), facts('m', 'medium'), facts('l', 'large')]
const order = (decision: { candidates: readonly { model: string }[] }): string =>
  decision.candidates.map(({ model }) => model).join('')

describe('the choice of a model', () => {
  it.each([
    ['extraction', 'sml'],
    ['counting', 'sml'],
    ['classification', 'sml'],
    ['pattern_recognition', 'msl'],
    ['summarization', 'msl'],
    ['sheet_analysis', 'mls'],
    ['validation', 'mls'],
    ['reasoning', 'lms'],
    ['synthesis', 'lms'],
    ['relationship_analysis', 'lms'],
  ] as const)('for %s goes by the tiers in the order %s', (task, wanted) => {
    expect(order(chooseModel(three, { task }))).toBe(wanted)
  })

  it('wants large for what is hard, whatever the task, and keeps the order in which the caller named the models', () => {
    expect(order(chooseModel(three, { task: 'extraction', complexity: 'high' }))).toBe('lms')
    expect(order(chooseModel(three, { task: 'reasoning', named: true }))).toBe('sml')
    expect(order(chooseModel(three, {}))).toBe('sml')
  })

  it('puts models whose breaker is open last, and says so', () => {
    const [small, medium, large] = three as [ModelFacts, ModelFacts, ModelFacts]
    const shaky = [{ ...small, health: 'open' as const }, { ...medium, health: 'half-open' as const }, large]
    const decision = chooseModel(shaky, { task: 'extraction' })
    expect(order(decision)).toBe('lms')
    expect(decision.reasons.join()).toContain('the breaker of s is open')
  })

  it('refuses what does not fit, each with its reason', () => {
    const models = [
      facts('blind', 'small', { info: { capabilities: { ...ALL, vision: false } } }),
      facts('short', 'small', { info: { contextWindow: 199 } }),
      facts('unpriced', 'small', { costNanoUsd: null, rates: null }),
      facts('dear', 'small', { rates: { inputPerMillion: 9_000_000, outputPerMillion: 1 } }),
      facts('costly', 'small', { costNanoUsd: 5_000 }),
      facts('good', 'large'),
    ]
    const ceiling = { inputPerMillion: 2_000_000, outputPerMillion: 2_000_000 }
    const { candidates, refused } = chooseModel(models, { needs: ['vision'], ceiling, left: { nanoUsd: 4_000 } })
    expect(candidates.map(({ model }) => model)).toEqual(['good'])
    expect(refused.map(({ model, cause }) => [model, cause])).toEqual([
      ['blind', 'capability'],
      ['short', 'context'],
      ['unpriced', 'price'],
      ['dear', 'ceiling'],
      ['costly', 'budget'],
    ])
    expect(refused.every(({ why }) => why.length > 10)).toBe(true)
  })

  it('either takes or refuses each model, once, whatever is asked', () => {
    const tier = fc.constantFrom('small' as const, 'medium' as const, 'large' as const)
    const model = fc.record({
      tier,
      contextWindow: fc.option(fc.integer({ min: 1, max: 1_000 })),
      inputTokens: fc.nat(800),
      outputTokens: fc.nat(800),
      costNanoUsd: fc.option(fc.nat(1_000)),
      health: fc.constantFrom('closed' as const, 'half-open' as const, 'open' as const),
      vision: fc.boolean(),
    })
    const wish = fc.record({
      task: fc.option(fc.constantFrom(...modelTask.options)),
      complexity: fc.option(fc.constantFrom('low' as const, 'medium' as const, 'high' as const)),
      needs: fc.constantFrom([], ['vision' as const]),
      left: fc.option(fc.record({ tokens: fc.nat(1_000), nanoUsd: fc.nat(1_000) })),
    })
    fc.assert(
      fc.property(fc.array(model, { maxLength: 6 }), wish, (models, asked) => {
        const known = models.map(({ tier: size, contextWindow, vision, ...rest }, index) =>
          facts(`m${index}`, size, { ...rest, info: { contextWindow, capabilities: { ...ALL, vision } } }),
        )
        const { candidates, refused } = chooseModel(known, asked)
        expect([...candidates, ...refused].map((each) => each.model).sort()).toEqual(
          known.map(({ info }) => info.id).sort(),
        )
        const health = candidates.map((each) => known.find(({ info }) => info.id === each.model)?.health)
        expect(health.indexOf('closed')).toBeLessThanOrEqual(Math.max(health.indexOf('open'), health.indexOf('closed')))
        const tiers = tiersFor(asked.task, asked.complexity)
        const healthy = candidates.filter((_, index) => health[index] === 'closed')
        const ranks = healthy.map((each) => tiers?.indexOf(each.tier) ?? 0)
        expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
      }),
    )
  })
})
