import type { CallRung, ModelCallInput, ModelCallResult } from '../machines/model-call.contract.ts'
import type { ModelDecision, ModelTask, TaskComplexity } from '../machines/model-choice.ts'
import type { ModelMessage, ModelRequest } from '../machines/model-request.ts'
import { usdOf } from '../machines/nano-usd.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import type { Budget, BudgetPlace } from './budget-client.ts'
import { type Models, modelsParts } from './define-models.ts'
import { answerOfCall, type ModelCallAnswer } from './model-call-answer.ts'
import { decideModels } from './model-call-choice.ts'
import { followCall, LONGEST_CALL, type ModelCallStream, type OpenCall } from './model-call-follow.ts'
import { type CallGates, createCallGates } from './model-call-gates.ts'
import { assertSameCall, keyedPayload } from './model-call-key.ts'
import { defineModelCall } from './model-call.ts'
import { type OutputSchema, type StructuredOutput, structuredOutput } from './models/structured-output.ts'

/** One call of a model. Give `prompt`, or `messages`. */
export interface ModelCallOptions<T = unknown> extends Omit<ModelRequest, 'messages' | 'output'> {
  /** `provider/model`, or several in the order in which they are tried. Default: the router chooses. */
  readonly model?: string | readonly string[]
  /** What it is for: the router goes by it. */
  readonly task?: ModelTask
  readonly complexity?: TaskComplexity
  readonly prompt?: string
  readonly messages?: readonly ModelMessage[]
  /** The form of the answer. An answer that does not have it is repaired once. */
  readonly output?: OutputSchema<T>
  /** Default: that of the client. */
  readonly budget?: Budget
  /** Of each attempt. Default: those of the models. */
  readonly deadlines?: Readonly<{ firstChunk?: Duration; gap?: Duration; total?: Duration }>
  /** What is given up when the budget does not cover any model. Default: nothing. */
  readonly ladder?: readonly CallRung[]
  readonly signal?: AbortSignal
  /**
   * Names the call: who calls with the same key joins it, and a durable call that has ended is not made again. CONFLICT
   * when the key was used with another payload.
   */
  readonly key?: string
  /** What the key stands for. Default: the request, its models and its task. Null where they may vary under one key. */
  readonly payload?: unknown
  /**
   * The name that a provider's `stream` is given, the same for every attempt. No API is sent it: neither OpenAI nor
   * Anthropic honours one. It is for providers of one's own. Default: a name of the call.
   */
  readonly idempotencyKey?: string
}

/** What calls have in common. */
export interface ModelsClientOptions {
  /** Who pays for calls that name no other budget. */
  readonly budget?: Budget
  /** @internal The breakers and limiters that stand before its calls. Default: its own. */
  readonly gates?: CallGates
}

/** What each model would cost at most, in the order in which they would be tried. */
export interface CallEstimate extends Omit<ModelDecision, 'candidates'> {
  readonly candidates: readonly (ModelDecision['candidates'][number] & { readonly costUsd: number })[]
}

/** Models, ready to be called. */
export interface ModelsClient {
  /** Resolves to the answer. Rejects with a TroupeError whose `data` lists the attempts. */
  call<T = null>(options: ModelCallOptions<T> & { readonly tools?: undefined }): Promise<ModelCallAnswer<T>>
  call<T = null>(options: ModelCallOptions<T>): Promise<ModelCallAnswer<T | null>>
  /** The answer as it comes. Who leaves the loop early cancels the call. */
  stream<T = null>(options: ModelCallOptions<T> & { readonly tools?: undefined }): ModelCallStream<T>
  stream<T = null>(options: ModelCallOptions<T>): ModelCallStream<T | null>
  /** What a call would cost at most. Nothing is asked of any model. */
  estimate(options: ModelCallOptions): Promise<CallEstimate>
}

const FIELDS = [
  ...['model', 'task', 'complexity', 'prompt', 'messages', 'instructions', 'tools', 'toolChoice', 'output'],
  ...['maxOutputTokens', 'temperature', 'effort', 'budget', 'deadlines', 'ladder', 'signal', 'key', 'payload'],
  'idempotencyKey',
]

const ASK_SO = 'give `prompt` for one question, or `messages` for a conversation'

// What a model is sent as it was given.
const SENT = ['instructions', 'tools', 'toolChoice', 'maxOutputTokens', 'temperature', 'effort'] as const

/**
 * Makes models callable. Each call is an actor: it can be watched, cancelled and, where it is durable, taken up again.
 *
 * @example
 * const client = createModels(runtime, models, { budget })
 * const { object, costUsd } = await client.call({ task: 'extraction', prompt, output: z.object({ total: z.number() }) })
 */
export function createModels(host: ActorHost, models: Models, options: ModelsClientOptions = {}): ModelsClient {
  policyFields(options, 'createModels', ['budget', 'gates'])
  placeOf(options.budget, 'createModels.budget')
  const { parts } = modelsParts(models)
  const definition = defineModelCall(models)
  const { gates = createCallGates(host, parts) } = options
  // A schema is turned into JSON once, however often it is asked for.
  const forms = new WeakMap<object, StructuredOutput<unknown>>()

  function formOf<T>(schema: OutputSchema<T> | undefined): StructuredOutput<T> | null {
    if (!schema) return null
    const form = (forms.get(schema) as StructuredOutput<T> | undefined) ?? structuredOutput(schema)
    forms.set(schema, form as StructuredOutput<unknown>)
    return form
  }

  async function open<T>(call: ModelCallOptions<T>): Promise<OpenCall<T>> {
    const output = formOf(call.output)
    const input = inputOf(call, output, options.budget)
    const { key = host.random.id(), signal } = call
    if (signal?.aborted) throw new TroupeError('CANCELLED', 'the call was cancelled before it began')
    const takeBack = parts.callers.lend(host.clock, key, { gates, output })
    try {
      const ref = await host.spawn(definition, { key, input })
      if (call.key !== undefined) await assertSameCall(ref, key, input.payload)
      // Nobody is told of a cancellation that came too late.
      const cancel = (): void => void ref.send({ type: 'call.cancel' }).catch(() => {})
      if (signal?.aborted) cancel()
      signal?.addEventListener('abort', cancel, { once: true })
      const close = (): void => {
        signal?.removeEventListener('abort', cancel)
        takeBack()
      }
      return { ref, cancel, result: answerWhenEnded(ref, output, close) }
    } catch (error) {
      takeBack()
      throw error
    }
  }

  return {
    call: async <T>(call: ModelCallOptions<T>) => (await open(call)).result as Promise<ModelCallAnswer<never>>,
    stream: <T>(call: ModelCallOptions<T>) => followCall(open(call)) as ModelCallStream<never>,
    async estimate(call) {
      const input = inputOf(call, formOf(call.output), undefined)
      const { candidates, ...rest } = await decideModels(parts, gates, input)
      return { ...rest, candidates: candidates.map((each) => ({ ...each, costUsd: usdOf(each.costNanoUsd) })) }
    },
  }
}

async function answerWhenEnded<T>(
  ref: OpenCall<T>['ref'],
  output: StructuredOutput<T> | null,
  close: () => void,
): Promise<ModelCallAnswer<T>> {
  let result: ModelCallResult
  try {
    result = await ref.result({ timeout: LONGEST_CALL })
  } finally {
    close()
  }
  return answerOfCall(result, output, ref.address)
}

function inputOf(
  options: ModelCallOptions,
  output: StructuredOutput<unknown> | null,
  shared: Budget | undefined,
): ModelCallInput {
  policyFields(options, 'call', FIELDS)
  const { model, task = null, complexity = null, prompt, messages, budget = shared, deadlines, ladder = [] } = options
  if ((prompt === undefined) === (messages === undefined)) {
    throw wrongCall('prompt', 'a call has either a prompt or messages', ASK_SO)
  }
  if (prompt !== undefined ? prompt === '' : messages?.length === 0) {
    const name = prompt === undefined ? 'messages' : 'prompt'
    throw wrongCall(name, `call.${name} is empty, and asks nothing`, ASK_SO)
  }
  const known: Record<string, unknown> = {}
  for (const name of SENT) if (options[name] !== undefined) known[name] = options[name]
  if (output) known['output'] = { name: output.name, schema: output.schema }
  const asked = {
    request: { ...known, messages: messages ?? [{ role: 'user' as const, content: prompt ?? '' }] },
    models: model === undefined ? null : typeof model === 'string' ? [model] : model,
    task,
    complexity,
  }
  return {
    ...asked,
    deadlines: deadlines ? lengthsOf(deadlines) : {},
    ladder,
    budget: placeOf(budget, 'call.budget'),
    idempotencyKey: options.idempotencyKey ?? null,
    payload: options.key === undefined ? null : keyedPayload(options.payload, asked),
  }
}

// Limits alone bound nothing: a budget is an actor.
function placeOf(budget: unknown, where: string): BudgetPlace | null {
  if (budget === undefined) return null
  const { keeper, path } = Object((budget as Partial<Budget> | null)?.place) as Partial<BudgetPlace>
  if (typeof keeper === 'string' && typeof path === 'string') return { keeper, path }
  throw new TroupeError('INVALID_MESSAGE', `${where} is no budget`, {
    where,
    hint: "give what createBudget(runtime, { key, limit: { costUsd: 2 } }) resolves to, or a budget's child",
  })
}

function wrongCall(option: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: `call.${option}`, hint })
}

function lengthsOf(deadlines: NonNullable<ModelCallOptions['deadlines']>): ModelCallInput['deadlines'] {
  const fields = policyFields(deadlines, 'call.deadlines', ['firstChunk', 'gap', 'total'])
  const names = Object.keys(deadlines)
  return Object.fromEntries(names.map((name) => [name, fields.duration(name, { from: 1, to: YEAR }, YEAR)]))
}
