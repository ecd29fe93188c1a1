import { describe, expect, it } from 'vitest'
import { defineModels } from '../../actors/define-models.ts'
import { knownPrices } from '../../actors/known-prices.ts'
import { scripted } from '../../actors/models/scripted.ts'
import { thrownBy } from './thrown-by.ts'

const a = scripted({ name: 'a', answers: [] })

describe('the definition of models', () => {
  it.each([
    [{ providers: [a], modles: [] }, 'defineModels.modles'],
    [{}, 'defineModels.providers'],
    [{ providers: undefined }, 'defineModels.providers'],
    [{ providers: a }, 'defineModels.providers'],
    [{ providers: [5] }, 'defineModels.providers.0'],
    [{ providers: [a, null] }, 'defineModels.providers.1'],
    [{ providers: [{ name: 'b' }] }, 'defineModels.providers.0'],
    [{ providers: [scripted({ name: 'b/c', answers: [] })] }, 'defineModels.providers.0'],
    [{ providers: [a, a] }, 'defineModels.providers'],
    [{ providers: [a], models: 'a/x' }, 'defineModels.models'],
    [{ providers: [a], models: [{ id: 'b/x' }] }, 'defineModels.models.b/x'],
    [{ providers: [a], models: [{ id: 'a/x' }, { id: 'a/x' }] }, 'defineModels.models.a/x'],
    [{ providers: [a], models: [{ id: 'a/x', tier: 'huge' }] }, 'defineModels.models.a/x.tier'],
    [
      { providers: [a], models: [{ id: 'a/x', capabilities: { eyes: true } }] },
      'defineModels.models.a/x.capabilities.eyes',
    ],
    [{ providers: [a], limits: { b: {} } }, 'defineModels.limits.b'],
    [{ providers: [a], limits: { a: { perMinute: 5 } } }, 'defineModels.limits.a.perMinute'],
    [{ providers: [a], breakers: { b: {} } }, 'defineModels.breakers.b'],
    [{ providers: [a], breakers: { a: { failurs: 5 } } }, 'defineModels.breakers.a.failurs'],
    [{ providers: [a], breakers: { a: { key: 'a' } } }, 'defineModels.breakers.a.key'],
    [{ providers: [a], breakers: { a: { failures: 0 } } }, 'breaker.failures'],
    [{ providers: [a], retry: { attempts: 0 } }, 'defineModels.retry.attempts'],
    [{ providers: [a], deadlines: { gap: 'soon' } }, 'defineModels.deadlines.gap'],
    [{ providers: [a], candidates: { guessing: [] } }, 'defineModels.candidates.guessing'],
    [{ providers: [a], candidates: { extraction: 5 } }, 'defineModels.candidates.extraction'],
    [{ providers: [a], durability: 'forever' }, 'defineModels.durability'],
    [{ providers: [a], outputTokens: 0 }, 'defineModels.outputTokens'],
    [{ providers: [a], priceCeiling: { inputPerMillionUsd: 1 } }, 'defineModels.priceCeiling.outputPerMillionUsd'],
  ])('refuses %#, and names the option', async (options, where) => {
    const refusal = await thrownBy(() => defineModels(options as never))
    expect(refusal).toMatchObject({ code: 'INVALID_MESSAGE', where, hint: expect.stringMatching(/./) as string })
  })

  it.each([
    ['prices without a book', () => ({ 'a/x': { inputPerMillionUsd: 1, outputPerMillionUsd: 2 } }), 'give priceBook({'],
    ['the promise of a book', () => knownPrices(), 'await knownPrices()'],
    ['null', () => null, 'give priceBook({'],
  ])('refuses %s as its prices, and says how they are given', async (_, make, hint) => {
    const refusal = await thrownBy(() => defineModels({ providers: [a], prices: make() as never }))
    expect(refusal).toMatchObject({
      code: 'INVALID_MESSAGE',
      where: 'defineModels.prices',
      hint: expect.stringContaining(hint) as string,
    })
  })
})
