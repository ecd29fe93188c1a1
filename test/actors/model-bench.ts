import { defineModels, type ModelsOptions } from '../../actors/define-models.ts'
import { type ScriptedAnswer, scripted, type ScriptedProvider } from '../../actors/models/scripted.ts'
import { createModels, type ModelsClient, type ModelsClientOptions } from '../../actors/models-client.ts'
import { priceBook } from '../../actors/price-book.ts'
import type { TokenEstimator } from '../../actors/token-estimate.ts'
import type { Runtime, RuntimeOptions } from '../../runtime/index.ts'
import type { VirtualClock } from '../../runtime/testing.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

/** Counts a token for each character: so that what a call costs can be reckoned in one's head. */
export const perCharacter: TokenEstimator = {
  estimate: (_, { messages, instructions = '' }) => {
    const texts = messages.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)))
    return Promise.resolve([instructions, ...texts].join('').length)
  },
  learn: () => {},
}

/** One USD for a thousand tokens in, two for a thousand out; ten times that for `b/large`. */
export const prices = priceBook({
  'a/small': { inputPerMillionUsd: 1_000, outputPerMillionUsd: 2_000 },
  'b/large': { inputPerMillionUsd: 10_000, outputPerMillionUsd: 20_000 },
})

export interface ModelBench {
  readonly client: ModelsClient
  readonly runtime: Runtime
  readonly clock: VirtualClock
  readonly a: ScriptedProvider
  readonly b: ScriptedProvider
}

type Answers = readonly ScriptedAnswer[] | ((call: { index: number }) => ScriptedAnswer)

/** A runtime with two providers that follow a script: `a/small` and `b/large`. */
export async function modelBench(
  answers: { readonly a?: Answers; readonly b?: Answers },
  options: Partial<ModelsOptions> = {},
  more: { readonly client?: ModelsClientOptions; readonly runtime?: RuntimeOptions } = {},
): Promise<ModelBench> {
  const { runtime, clock } = await openRuntime({ random: steady(), ...more.runtime })
  const provider = (name: string, given: Answers): ScriptedProvider =>
    scripted({ name, free: false, clock: runtime.clock, answers: given as never })
  const a = provider('a', answers.a ?? [])
  const b = provider('b', answers.b ?? [])
  const models = defineModels({
    providers: [a, b],
    models: [
      { id: 'a/small', tier: 'small', contextWindow: 1_000 },
      { id: 'b/large', tier: 'large' },
    ],
    prices,
    tokens: perCharacter,
    outputTokens: 100,
    retry: { jitter: 'none' },
    ...options,
  })
  return { client: createModels(runtime, models, more.client), runtime, clock, a, b }
}

function steady(): { next(): number; id(): string } {
  let ids = 0
  return { next: () => 0.5, id: () => `id${++ids}` }
}
