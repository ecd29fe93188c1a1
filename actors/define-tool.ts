import type { JsonSchema } from '../machines/model-request.ts'
import type { RetryPolicy } from '../machines/retry-policy.ts'
import { retryPolicy } from '../machines/retry-policy.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import { isName } from '../runtime/protocol/address.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import type { Principal } from '../runtime/protocol/principal.ts'
import { validate } from '../runtime/protocol/validation.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import { checkOptions, type OptionKind } from './option-kinds.ts'
import { isToolSchema, jsonSchemaOf, type SchemaInput, type SchemaOutput, type ToolSchema } from './tool-schema.ts'
import { toolVersion } from './tool-version.ts'

/** What one execution of a tool is expected to take. */
export interface ToolEstimate {
  readonly tokens?: number
  readonly costUsd?: number
  readonly ms?: number
}

/** What a tool is given beside its input. */
export interface ToolScope {
  /** Aborted when nobody wants the outcome any more, and when its time is over. */
  readonly signal: AbortSignal
  /** The same for every attempt, also after a restart: what is done under it twice is to be done once. */
  readonly idempotencyKey: string
  readonly traceId: string
  readonly requestId: string
  /** On whose behalf. It holds what the tool requires. */
  readonly principal: Principal
  /** When the call must be over, in milliseconds since 1970; null for whenever. */
  readonly deadline: number | null
  /** Counted from 1. */
  readonly attempt: number
  /** The tool's own options, overlaid with those of who planned and who called. */
  readonly options: Readonly<Record<string, unknown>>
  /** Where it can spawn and address actors. They stop with the call. */
  readonly host: ActorHost
  /** Tells who listens to the call how far it is. */
  progress(note: string): void
}

/** What `defineTool` takes. */
export interface ToolOptions<Id extends string, I extends ToolSchema, O extends ToolSchema> {
  /** A letter, then up to 63 letters, digits, `_` and `-`: models know it by this name. */
  readonly id: Id
  /** A semantic version, such as `1.4.0`. */
  readonly version: string
  /** What it does, for models and people. */
  readonly description: string
  readonly input: I
  readonly output: O
  /** The grants that who calls it must hold. Default: none. */
  readonly requires?: readonly string[]
  /** Whether it may be executed again under the same idempotency key. Without it, it is never retried. */
  readonly idempotent?: boolean
  /** How long one attempt may take. Default: as long as the call may. */
  readonly timeout?: Duration
  /** How failures that may pass are retried, if it is idempotent. Default: 3 attempts. */
  readonly retry?: Partial<RetryPolicy>
  /** Options that it starts from. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly estimate?: ToolEstimate | ((input: SchemaOutput<NoInfer<I>>) => ToolEstimate)
  readonly execute: (
    input: SchemaOutput<NoInfer<I>>,
    scope: ToolScope,
  ) => SchemaInput<NoInfer<O>> | Promise<SchemaInput<NoInfer<O>>>
}

/** A tool as an inert value. */
export interface Tool<Id extends string = string, Input = unknown, Output = unknown> {
  readonly id: Id
  readonly version: string
  /** `id@version`. */
  readonly key: string
  readonly description: string
  readonly input: ToolSchema
  readonly output: ToolSchema
  /** What a model is told of its input. */
  readonly inputSchema: JsonSchema
  readonly requires: readonly string[]
  readonly idempotent: boolean
  /** Milliseconds; null for as long as the call may take. */
  readonly timeout: number | null
  readonly retry: RetryPolicy
  readonly options: Readonly<Record<string, unknown>>
  estimate(input: unknown): ToolEstimate
  execute(input: unknown, scope: ToolScope): unknown
  /** Only for the compiler. */
  readonly types?: { readonly input: Input; readonly output: Output }
}

const KINDS: Readonly<Record<keyof ToolOptions<string, ToolSchema, ToolSchema>, OptionKind>> = {
  id: 'any',
  version: 'any',
  description: 'any',
  input: 'any',
  output: 'any',
  requires: 'any',
  idempotent: 'flag',
  timeout: 'any',
  retry: 'any',
  options: 'record',
  estimate: 'any',
  execute: 'any',
}
const ESTIMATES = ['tokens', 'costUsd', 'ms'] as const
const ESTIMATE = { from: 0, to: Number.MAX_SAFE_INTEGER }

/**
 * Defines a tool. Throws INVALID_MESSAGE for what cannot be, a schema without JSON schema among it.
 *
 * @example
 * const convert = defineTool({
 *   id: 'convert', version: '1.0.0', description: 'Converts an amount to another currency.',
 *   input: z.object({ amount: z.number(), to: z.string() }), output: z.object({ amount: z.number() }),
 *   requires: ['rates.read'], idempotent: true,
 *   execute: async ({ amount, to }, { signal }) => ({ amount: amount * (await rateOf(to, signal)) }),
 * })
 */
export function defineTool<const Id extends string, I extends ToolSchema, O extends ToolSchema>(
  options: ToolOptions<Id, I, O>,
): Tool<Id, SchemaInput<I>, SchemaOutput<O>> {
  checkOptions({ options }, 'defineTool', { options: 'record' }, ['options'])
  const { id, version, description, input, output, requires = [], idempotent = false, estimate = {} } = options
  if (typeof id !== 'string' || !isName(id))
    throw fault('id', `'${id}' cannot name a tool`, 'use a letter, then letters, digits, _ and -')
  if (!toolVersion(version)) {
    throw fault(`${id}.version`, `the version of '${id}' is '${version}'`, "write a semantic version: '1.0.0'")
  }
  const key = `${id}@${version}`
  if (typeof description !== 'string' || description.trim() === '') {
    throw fault(`${key}.description`, `'${key}' has no description`, 'say what it does: models choose by it')
  }
  for (const name of ['input', 'output'] as const) {
    if (isToolSchema(options[name])) continue
    throw fault(`${key}.${name}`, `the ${name} of '${key}' is no schema`, 'give a zod or Standard Schema')
  }
  if (typeof options.execute !== 'function') throw fault(`${key}.execute`, `'${key}' does nothing`, 'give a function')
  if (!Array.isArray(requires) || requires.some((grant) => typeof grant !== 'string' || grant === '')) {
    throw fault(`${key}.requires`, `what '${key}' requires is no list of grants`, "write ['rates.read']")
  }
  checkOptions(options, key, KINDS)
  const fields = policyFields(options, key, Object.keys(KINDS))
  checkEstimate(estimate, `${key}.estimate`)
  policyFields(options.retry, `${key}.retry`, Object.keys(retryPolicy.shape))
  const run = options.execute as unknown as Tool['execute']
  return {
    id,
    version,
    key,
    description,
    input,
    output,
    inputSchema: jsonSchemaOf(input, `${key}.input`),
    requires,
    idempotent,
    timeout: options.timeout === undefined ? null : fields.duration('timeout', { from: 1, to: YEAR }, 1),
    retry: validate(retryPolicy, options.retry ?? {}, `the retry of '${key}'`, `${key}.retry`),
    options: options.options ?? {},
    estimate: (given) => (typeof estimate === 'function' ? estimate(given as never) : estimate),
    execute: (given, scope) => run(given, scope),
  }
}

// One that is a function is asked when it is planned with.
function checkEstimate(estimate: unknown, where: string): void {
  if (typeof estimate === 'function') return
  const fields = policyFields(estimate, where, ESTIMATES)
  for (const name of ESTIMATES) fields.number(name, ESTIMATE, 0)
}

function fault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}
