import { namedModels } from '../../actors/named-models.ts'
import type { Models } from '../../actors/define-models.ts'
import {
  type ActorDurability,
  type CommandOption,
  type Invocation,
  isTroupeError,
  usageError,
  wholeNumber,
} from '../../runtime/index.ts'
import { type AnalysisTerms, analysisTermsSchema } from './analysis-terms.ts'
import type { AnalysisOptions } from './analysis.workflow.ts'

/** The options that say which models a run may ask, and what it may spend. */
export const TERMS_OPTIONS: Readonly<Record<string, CommandOption>> = {
  model: {
    type: 'string',
    value: 'PROVIDER/MODEL',
    description: 'have a model study the sheets; several with commas, from small to large',
  },
  'base-url': { type: 'string', value: 'URL', description: 'where the server of the model is' },
  price: { type: 'string', value: 'IN,OUT', description: 'USD for a million tokens, where nobody knows the price' },
  budget: { type: 'string', value: 'TOKENS', description: 'tokens to split among steps and sheets (100000)' },
  'max-cost': { type: 'string', value: 'USD', description: 'the most the run may cost' },
}

/** What the options say of models and money. Throws a usage error that names the option at fault. */
export function termsOf(options: Invocation['options']): AnalysisTerms {
  const { model, price } = options
  const baseUrl = options['base-url']
  const models = typeof model === 'string' ? model.split(',').map((id) => id.trim()) : []
  for (const name of ['base-url', 'price', 'max-cost']) {
    if (options[name] !== undefined && models.length === 0) {
      throw usageError(`--${name} says nothing without a model`, `add --model, as in --model openai/gpt-5-mini`)
    }
  }
  const budget = wholeNumber(options['budget'], 'budget', 0)
  const maxCostUsd = amount(options['max-cost'], 'max-cost')
  return analysisTermsSchema.parse({
    models,
    ...(typeof baseUrl === 'string' ? { baseUrl } : {}),
    ...(price === undefined ? {} : { price: priceOf(String(price)) }),
    ...(budget === undefined ? {} : { budget }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
  })
}

/**
 * The models of these terms; undefined when there are none. Throws a usage error for a provider that nobody knows, a missing
 * key, an unknown price: before any work.
 */
export async function modelsOf(
  { models, baseUrl, price }: AnalysisTerms,
  durability: ActorDurability = 'ephemeral',
): Promise<Models | undefined> {
  if (models.length === 0) return undefined
  try {
    return await namedModels({ models, baseUrl, price }, durability)
  } catch (error) {
    if (!isTroupeError(error, 'INVALID_MESSAGE')) throw error
    throw usageError(error.message, error.hint)
  }
}

/** What a run on these terms is defined with. */
export function analysisOptions(
  { budget, maxCostUsd }: AnalysisTerms,
  concurrency: number | undefined,
  models: Models | undefined,
): Pick<AnalysisOptions, 'budget' | 'concurrency' | 'models'> {
  return {
    budget: { tokens: budget, ...(maxCostUsd === undefined ? {} : { costUsd: maxCostUsd }) },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(models === undefined ? {} : { models }),
  }
}

function priceOf(value: string): AnalysisTerms['price'] {
  const [input, output, ...more] = value.split(',').map((part) => amount(part.trim(), 'price'))
  if (input !== undefined && output !== undefined && more.length === 0) return { input, output }
  throw usageError(
    `--price takes two amounts, not '${value}'`,
    'in US dollars for a million tokens in and out: --price 0.25,2',
  )
}

function amount(value: string | boolean | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && /^\d+(\.\d+)?$|^\.\d+$/.test(value) && Number(value) <= 1_000_000)
    return Number(value)
  throw usageError(`--${name} takes an amount of US dollars from 0 to 1000000, not '${String(value)}'`)
}
