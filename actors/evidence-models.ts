import type { ModelMessage } from '../machines/model-request.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import type { Models } from './define-models.ts'
import type { Replicate, ReplicateScope } from './evidence-replicate.ts'
import { createModels, type ModelCallOptions, type ModelsClient } from './models-client.ts'

/** How one replicate differs from the others. */
export interface ReplicateVariation {
  /** Counted from 0. */
  readonly index: number
  readonly persona: string | null
  /** The parts of a prompt in another order for each replicate: each begins with another part. */
  reorder<T>(parts: readonly T[]): readonly T[]
}

/** What `modelReplicate` takes. What goes to the model is the same for every replicate, except where it varies. */
export interface ModelReplicateOptions<Question, T>
  extends Pick<
    ModelCallOptions<T>,
    'task' | 'complexity' | 'output' | 'instructions' | 'maxOutputTokens' | 'temperature' | 'deadlines'
  > {
  readonly prompt: (question: Question, variation: ReplicateVariation) => string | readonly ModelMessage[]
  /** Each replicate takes the next of these, and begins again when there are no more. Default: the router's choice. */
  readonly models?: readonly string[]
  /** Said before the instructions. */
  readonly personas?: readonly string[]
  readonly efforts?: readonly NonNullable<ModelCallOptions['effort']>[]
}

const NAMES = [
  ...['task', 'complexity', 'output', 'instructions', 'maxOutputTokens', 'temperature', 'deadlines'],
  ...['prompt', 'models', 'personas', 'efforts'],
]

/**
 * A replicate that is a model call. Give a client, or models where there is no runtime yet, as for durable evidence. What
 * varies are model, persona, effort and the order of the prompt: not every model can be sampled.
 *
 * @example
 * const totals = defineEvidence('totals', {
 *   schema: answer,
 *   replicate: modelReplicate(client, { prompt: readTotal, output: answer, models: ['openai/gpt-5', 'anthropic/opus'] }),
 * })
 */
export function modelReplicate<Question, T>(
  from: ModelsClient | Models,
  options: ModelReplicateOptions<Question, T>,
): Replicate<Question> {
  policyFields(options, 'modelReplicate', NAMES)
  const { prompt, models = [], personas = [], efforts = [], instructions, ...rest } = options
  for (const [name, list] of Object.entries({ models, personas, efforts })) assertTexts(name, list)
  return async (index, scope) => {
    const persona = cycled(personas, index)
    const asked = prompt(scope.question, {
      index,
      persona,
      reorder: (parts) => parts.map((_, at) => parts[(at + index) % parts.length] as (typeof parts)[number]),
    })
    const model = cycled(models, index)
    const effort = cycled(efforts, index)
    const said = [persona, instructions].filter((text) => text !== null && text !== undefined).join('\n\n')
    const answer = await clientOf(from, scope).call<T>({
      ...rest,
      ...(typeof asked === 'string' ? { prompt: asked } : { messages: asked }),
      ...(model === null ? {} : { model }),
      ...(effort === null ? {} : { effort }),
      ...(said === '' ? {} : { instructions: said }),
      ...(scope.budget ? { budget: scope.budget } : {}),
      signal: scope.signal,
      key: callKey(scope),
      // A replicate that is run again is the same, whatever its prompt is made of.
      payload: null,
    })
    const { usage, costNanoUsd } = answer
    const data: unknown = rest.output ? answer.object : answer.text
    return { data, usage, costNanoUsd, model: answer.model }
  }
}

/** The name of the one call that a replicate makes: the same one when it is run again. */
export function callKey({ owner, id }: Pick<ReplicateScope, 'owner' | 'id'>): string {
  const { type, key } = parseAddress(owner)
  return `${type}.${key}.${id}`
}

function clientOf(from: ModelsClient | Models, scope: ActorHost): ModelsClient {
  return 'call' in from ? from : createModels(scope, from)
}

function cycled<T>(list: readonly T[], index: number): T | null {
  return list[index % list.length] ?? null
}

function assertTexts(name: string, list: unknown): void {
  if (Array.isArray(list) && list.every((one) => typeof one === 'string' && one !== '')) return
  const where = `modelReplicate.${name}`
  throw new TroupeError('INVALID_MESSAGE', `${where} is no list of texts`, { where, hint: "give ['...', '...']" })
}
