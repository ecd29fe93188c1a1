import { MOST_TOOLS, type toolCallContract, type ToolCallOutput } from '../machines/tool-call.contract.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { type Duration, milliseconds } from '../runtime/protocol/duration.ts'
import { errorOf, type ErrorValue, errorValue, isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import type { Tool } from './define-tool.ts'
import type { Tools } from './define-tools.ts'
import { checkHost } from './host-check.ts'
import type { Idempotency } from './idempotency-client.ts'
import { assertSameToolCall, namedPayload } from './tool-call-name.ts'

/** What holds for every call, unless a call says otherwise. */
export interface ToolsClientOptions {
  /** How long a call may take, retries and fallbacks included. Default 2 minutes. */
  readonly timeout?: Duration
  readonly traceId?: string
  readonly requestId?: string
}

/** What one call may be given. */
export interface ToolCallRequest extends ToolsClientOptions {
  readonly signal?: AbortSignal
  /**
   * The name of the call: who uses it again finds the call that is under way, or what one of a durable set came to; CONFLICT
   * for another tool or input. Default: a fresh one.
   */
  readonly call?: string
  /** What the tool's idempotency key is made of. Default: the name of the call. */
  readonly idempotencyKey?: string
  /** Has the call made once under its idempotency key, and what came of it remembered. */
  readonly idempotency?: Idempotency
  /** Options over those of the tool. */
  readonly options?: Readonly<Record<string, unknown>>
  /** What to try after a failure that may pass, two at most. */
  readonly fallbacks?: readonly string[]
  /** Hears what the call tells on the way. */
  readonly onProgress?: (note: string) => void
}

/** A tool to try, with options over its own. */
export interface ToolWish {
  readonly tool: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** Calls tools. */
export interface ToolsClient<T extends Tool = Tool> {
  readonly tools: Tools<T>
  /**
   * Calls a tool and resolves to its output. Rejects with NOT_FOUND, INVALID_MESSAGE for its input, FORBIDDEN, CONFLICT,
   * CANCELLED, and TOOL_FAILED, whose `data` has the category, whether a retry makes sense, and every attempt.
   */
  call<const Id extends string>(
    id: Id,
    input: InputOfTool<T, Id>,
    request?: ToolCallRequest,
  ): Promise<OutputOfTool<T, Id>>
  /** Tries tools in order, the next only after a failure that may pass. Does not reject when they fail. */
  attempt(
    wishes: readonly ToolWish[],
    input: unknown,
    request?: Omit<ToolCallRequest, 'fallbacks'>,
  ): Promise<ToolCallOutput>
}

type BaseOf<Id> = Id extends `${infer Base}@${string}` ? Base : Id
type TypesOf<T extends Tool, Id> = NonNullable<Extract<T, { readonly id: BaseOf<Id> }>['types']>
/** What a tool takes, by its name; of one that only a model names nothing is known. */
export type InputOfTool<T extends Tool, Id> = BaseOf<Id> extends T['id'] ? TypesOf<T, Id>['input'] : unknown
/** What a tool gives, by its name. */
export type OutputOfTool<T extends Tool, Id> = BaseOf<Id> extends T['id'] ? TypesOf<T, Id>['output'] : unknown

const CLIENT = ['timeout', 'traceId', 'requestId']
const REQUEST = [...CLIENT, 'signal', 'call', 'idempotencyKey', 'idempotency', 'options', 'fallbacks', 'onProgress']
// The call itself knows when its time is over; this is for one that cannot be reached.
const SLACK = 10_000

/**
 * Makes a client of tools. Each call is an actor: seen, bounded in time, and stopped when who called no longer wants it.
 *
 * @example
 * const client = createTools(runtime, tools)
 * const { amount } = await client.call('convert', { amount: 5, to: 'EUR' }, { timeout: '10s' })
 */
export function createTools<T extends Tool>(
  host: ActorHost,
  tools: Tools<T>,
  defaults: ToolsClientOptions = {},
): ToolsClient<T> {
  checkHost(host, 'createTools')
  checkTools(tools)
  policyFields(defaults, 'tools', CLIENT)

  async function attempt(
    wishes: readonly ToolWish[],
    input: unknown,
    request: ToolCallRequest,
  ): Promise<ToolCallOutput> {
    policyFields(request, 'call', REQUEST)
    const choices = wishes.map(({ tool, options = {} }) => ({ tool, options: { ...options, ...request.options } }))
    assertChoices(choices.length)
    // Whoever names a tool that is not there learns of it before anything is done.
    for (const { tool } of choices) tools.get(tool)
    const { idempotency, signal } = request
    if (signal?.aborted) throw new TroupeError('CANCELLED', 'the call was cancelled before it was made')
    const {
      call = host.random.id(),
      idempotencyKey = call,
      traceId = call,
      requestId = call,
    } = { ...defaults, ...request }
    const timeout = milliseconds(request.timeout ?? defaults.timeout ?? '2m')
    const make = async (): Promise<ToolCallOutput> => {
      const trace = { idempotencyKey, traceId, requestId }
      // A fresh name finds no other call.
      const payload = request.call === undefined ? undefined : namedPayload(choices, input)
      const named = payload === undefined ? {} : { payload }
      const facts = { choices, input, ...named, ...trace, timeout, deadline: host.clock.now() + timeout }
      const ref = await host.spawn(tools.actor, { key: call, input: facts })
      const isSame = payload === undefined ? null : assertSameToolCall(ref, call, payload)
      return follow(ref, isSame, { ...request, timeout })
    }
    if (!idempotency) return make()
    const once = async (): Promise<ToolCallOutput> => {
      const output = await make()
      // A failure is not kept.
      if (output.error) throw errorOf(output.error as ErrorValue)
      return output
    }
    const payload = { choices, input }
    try {
      return await idempotency.run(idempotencyKey, payload, once, signal ? { signal } : {})
    } catch (error) {
      return failedOutput(error)
    }
  }

  return {
    tools,
    async call(id: string, input: unknown, request: ToolCallRequest = {}): Promise<unknown> {
      const { fallbacks = [], ...rest } = request
      const output = await attempt(
        [id, ...fallbacks].map((tool) => ({ tool })),
        input,
        rest,
      )
      if (output.error) throw errorOf(output.error as ErrorValue)
      return output.value
    },
    attempt: (wishes, input, request = {}) => attempt(wishes, input, request),
  } as ToolsClient<T>
}

// Listens at once, and tells what it heard when the call is known to be the one that is meant.
async function follow(
  ref: Ref<typeof toolCallContract>,
  isSame: Promise<void> | null,
  { signal, onProgress, timeout }: Omit<ToolCallRequest, 'timeout'> & { readonly timeout: number },
): Promise<ToolCallOutput> {
  const stopListening =
    onProgress &&
    ref.on('tool.progressed', ({ note }) => {
      if (isSame) isSame.then(() => onProgress(note)).catch(() => {})
      else onProgress(note)
    })
  try {
    if (isSame) await isSame
    return await outcomeOf(ref, timeout, signal)
  } finally {
    stopListening?.()
  }
}

async function outcomeOf(
  ref: Ref<typeof toolCallContract>,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<ToolCallOutput> {
  try {
    const { payload: _, ...output } = await ref.result({ timeout: timeout + SLACK, ...(signal ? { signal } : {}) })
    return output
  } catch (error) {
    // Nobody is left who wants it. A durable call whose process stops is another matter: it goes on in the next.
    if (signal?.aborted || isTroupeError(error, 'TIMEOUT')) await ref.stop().catch(() => {})
    throw error
  }
}

// What an execution came to that another caller shared is known by its error alone.
function failedOutput(error: unknown): ToolCallOutput {
  if (!isTroupeError(error, 'TOOL_FAILED')) throw error
  const { tool, attempts } = error.data as Pick<ToolCallOutput, 'tool' | 'attempts'>
  return { status: 'failed', tool, value: null, error: { ...errorValue(error) }, attempts }
}

function assertChoices(count: number): void {
  if (count >= 1 && count <= MOST_TOOLS) return
  throw new TroupeError('INVALID_MESSAGE', `a call tries ${count} tools`, {
    where: 'fallbacks',
    hint: `give one, and at most ${MOST_TOOLS - 1} to fall back to`,
  })
}

function checkTools(tools: unknown): void {
  if (typeof tools === 'object' && tools !== null && 'actor' in tools && 'get' in tools) return
  throw new TroupeError('INVALID_MESSAGE', 'createTools was given no set of tools', {
    where: 'createTools.tools',
    hint: 'give what defineTools([...]) returned',
  })
}
