import { isName } from '../runtime/protocol/address.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import { checkOptions, type OptionKind } from './option-kinds.ts'
import type { StepWork } from './step-body.ts'

type Kinds = Readonly<Record<string, OptionKind>>

const WORKFLOW: Kinds = {
  input: 'any',
  version: 'text',
  renamed: 'record',
  timeout: 'any',
  budget: 'any',
  grants: 'texts',
  keepResult: 'any',
  mailbox: 'record',
  durability: 'any',
  migrate: 'any',
}

const STEP: Kinds = {
  description: 'text',
  after: 'texts',
  optional: 'flag',
  when: 'function',
  timeout: 'any',
  retries: 'any',
  backoff: 'any',
  budget: 'any',
  idempotent: 'flag',
}

const MAP: Kinds = { ...STEP, over: 'function', limit: 'any', tolerate: 'any' }
const KEYED: Kinds = { key: 'function', input: 'function' }

const WORK: Readonly<Record<StepWork['kind'] | 'each', readonly [kinds: Kinds, ...required: string[]]>> = {
  task: [{ ...STEP, run: 'function' }, 'run'],
  map: [{ ...MAP, run: 'function' }, 'over', 'run'],
  each: [{ ...MAP, ...KEYED, actor: 'definition', usage: 'function' }, 'over', 'actor'],
  child: [{ ...STEP, ...KEYED, workflow: 'definition' }, 'workflow'],
}

const DIMENSIONS = ['tokens', 'costUsd', 'ms'] as const
const AMOUNT = { from: 0, to: Number.MAX_SAFE_INTEGER }

/** Throws INVALID_MESSAGE, naming the option, for what `defineWorkflow` cannot be given. */
export function checkWorkflowOptions(name: string, options: unknown): void {
  if (typeof name !== 'string' || !isName(name)) {
    throw new TroupeError('INVALID_MESSAGE', `'${name}' cannot name a workflow`, {
      where: 'name',
      hint: 'use a letter, then up to 63 letters, digits, _ and -',
    })
  }
  checkOptions(options, name, WORKFLOW)
  const fields = policyFields(options, name, Object.keys(WORKFLOW))
  const input = fields.part('input')
  if (input !== undefined && typeof (input as { safeParse?: unknown } | null)?.safeParse !== 'function') {
    throw new TroupeError('INVALID_MESSAGE', `${name}.input is no zod schema`, {
      where: `${name}.input`,
      hint: 'write input: z.object({ ... })',
    })
  }
  fields.choice('durability', ['ephemeral', 'durable'], 'ephemeral')
  fields.duration('timeout', { from: 1, to: Number.MAX_SAFE_INTEGER }, 1)
  const bounds = policyFields(fields.part('budget'), `${name}.budget`, DIMENSIONS)
  for (const dimension of DIMENSIONS) bounds.number(dimension, AMOUNT, 0)
}

/** Throws INVALID_MESSAGE, naming the option, for what a step of a workflow cannot be given. */
export function checkStepOptions(kind: StepWork['kind'], where: string, options: unknown): void {
  const isEach = kind === 'map' && typeof options === 'object' && options !== null && 'actor' in options
  const [kinds, ...required] = WORK[isEach ? 'each' : kind]
  checkOptions(options, where, kinds, required)
  if (kind !== 'map') return
  policyFields(options, where, Object.keys(kinds)).choice('tolerate', ['none', 'some', 'all'], 'some')
}
