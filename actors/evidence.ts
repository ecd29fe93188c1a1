import { z } from 'zod'
import { type CalibrationTable, calibrationTable } from '../machines/calibration.ts'
import { EVIDENCE_BOUNDS, type EvidenceBounds } from '../machines/evidence-bounds.ts'
import type { EvidenceAmount } from '../machines/evidence-context.ts'
import {
  ANY_FIELD,
  declareFields,
  type EvidenceField,
  type EvidenceFieldOptions,
  fieldOfSchema,
} from '../machines/evidence-field.ts'
import { evidenceContract } from '../machines/evidence.contract.ts'
import { evidenceMachine } from '../machines/evidence.machine.ts'
import type { JsonSchema } from '../machines/model-request.ts'
import { nanoUsd } from '../machines/nano-usd.ts'
import { type ActorDefinition, type ActorDurability, defineActor } from '../runtime/kernel/definition.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { errorValue, TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import type { Replicate } from './evidence-replicate.ts'
import { evidenceRunner } from './evidence-runner.ts'

/** What one bundle, or one replicate, may use. What is left out is not limited. */
export interface EvidenceSpending {
  readonly tokens?: number
  readonly costUsd?: number
}

/** What `defineEvidence` takes. */
export interface EvidenceOptions<Question = unknown, Schema extends z.ZodType | JsonSchema = z.ZodType | JsonSchema> {
  /** Answers the question, once for each replicate. */
  readonly replicate: Replicate<Question>
  /** The form of an answer, as zod or JSON schema. Without one every answer is valid, and fields go by their values. */
  readonly schema?: Schema
  /** How fields are compared, by dotted paths, where the schema does not say it. */
  readonly fields?: Readonly<Record<string, EvidenceFieldOptions>>
  /** How many replicates at most, 2 to 10. Default 3. */
  readonly k?: number
  /** The distance up to which two answers agree. Default 0.2. */
  readonly epsilon?: number
  /** What tells how often bundles of a confidence are right. */
  readonly calibration?: CalibrationTable
  /** For one replicate. Default 2 minutes. */
  readonly replicateTimeout?: Duration
  /** For all of it. Default 10 minutes. */
  readonly timeout?: Duration
  /** What one bundle may use: when it is reached, no more is run, and what is there is kept. */
  readonly limit?: EvidenceSpending
  /** What one replicate is expected to use: no more are run than are covered. */
  readonly estimate?: EvidenceSpending
  /**
   * How large a bundle may be: fields that are looked at (500), disagreements (100), bytes as JSON (1 000 000), which is
   * also the most that one answer may have.
   */
  readonly bounds?: Partial<EvidenceBounds>
  /** Default `ephemeral`. In a `durable` bundle, replicates that are done are not run again after a restart. */
  readonly durability?: ActorDurability
}

const NAMES = [
  ...['replicate', 'schema', 'fields', 'k', 'epsilon', 'calibration', 'replicateTimeout', 'timeout', 'limit'],
  ...['estimate', 'bounds', 'durability'],
]

/** A definition of bundles: their questions are of one sort, and their answers of one form. */
export interface Evidence<Question = unknown, Schema = unknown> extends ActorDefinition<typeof evidenceContract> {
  /** Only for the compiler. */
  readonly types?: { readonly question: Question; readonly schema: Schema }
}

/**
 * Defines evidence: several independent answers to one question, compared field by field. Two are asked at once; when they
 * agree that is all, else the rest is asked too. Throws INVALID_MESSAGE, naming the option, for what cannot be.
 *
 * @example
 * const totals = defineEvidence('totals', {
 *   schema: z.object({ total: z.number(), currency: z.enum(['EUR', 'USD']) }),
 *   replicate: async (index, { question, signal }) => ({ data: await readTotal(question, index, signal) }),
 * })
 */
export function defineEvidence<Question = unknown, const Schema extends z.ZodType | JsonSchema = z.ZodType>(
  name: string,
  options: EvidenceOptions<Question, Schema>,
): Evidence<Question, Schema> {
  const given = policyFields(options, name, NAMES)
  const { replicate, durability = 'ephemeral', bounds: some = {} } = options
  if (typeof replicate !== 'function') throw fault(`${name}.replicate`, 'there is no replicate', 'give a function')
  const schema = schemaOf(name, options.schema)
  const field = schema ? fieldOfSchema(schemaText(name, schema)) : ANY_FIELD
  const bounds = policyFields({ ...EVIDENCE_BOUNDS, ...some }, `${name}.bounds`, Object.keys(EVIDENCE_BOUNDS))
  const bound = (which: keyof EvidenceBounds, from: number): number =>
    bounds.number(which, { from, to: 1e9, whole: true }, EVIDENCE_BOUNDS[which])
  const plan = {
    name,
    k: given.number('k', { from: 2, to: 10, whole: true }, 3),
    epsilon: given.number('epsilon', { from: 0, to: 1 }, 0.2),
    field: declared(name, field, options.fields ?? {}),
    bounds: { fields: bound('fields', 1), diffs: bound('diffs', 0), bytes: bound('bytes', 1_000) },
    calibration: tableOf(name, options.calibration),
    limit: amountOf(`${name}.limit`, options.limit),
    estimate: amountOf(`${name}.estimate`, options.estimate),
    timeout: given.duration('timeout', { from: 1, to: YEAR }, 600_000),
  }
  const replicateTimeout = given.duration('replicateTimeout', { from: 1, to: YEAR }, 120_000)
  const runner = evidenceRunner({ replicate, form: { schema, bytes: plan.bounds.bytes }, replicateTimeout })
  const logic = evidenceMachine(plan).provide({ actors: { runner } })
  return defineActor({ type: name, contract: evidenceContract, logic, durability })
}

function schemaOf(name: string, given: z.ZodType | JsonSchema | undefined): z.ZodType | null {
  if (given === undefined) return null
  if (typeof given === 'object' && '_zod' in given) return given as z.ZodType
  try {
    return z.fromJSONSchema(given as never)
  } catch (thrown) {
    throw fault(
      `${name}.schema`,
      `this is no schema: ${errorValue(thrown).message}`,
      'give a zod schema or a JSON schema',
    )
  }
}

// What JSON schema has no words for goes by the values.
function schemaText(name: string, schema: z.ZodType): JsonSchema {
  try {
    return z.toJSONSchema(schema, { unrepresentable: 'any' })
  } catch (thrown) {
    throw fault(`${name}.schema`, `the schema cannot be read: ${errorValue(thrown).message}`, 'give a plainer one')
  }
}

function declared(
  name: string,
  field: EvidenceField,
  fields: Readonly<Record<string, EvidenceFieldOptions>>,
): EvidenceField {
  try {
    return declareFields(field, fields)
  } catch (thrown) {
    const { message, where, hint = '' } = thrown as TroupeError
    throw fault(`${name}.${where}`, message, hint)
  }
}

function tableOf(name: string, given: unknown): CalibrationTable | null {
  if (given === undefined) return null
  const read = calibrationTable.safeParse(given)
  if (read.success) return read.data
  throw fault(`${name}.calibration`, 'this is no calibration table', 'give what buildCalibration returned')
}

function amountOf(where: string, given: EvidenceSpending | undefined): EvidenceAmount {
  if (given === undefined) return { tokens: null, nanoUsd: null }
  const fields = policyFields(given, where, ['tokens', 'costUsd'])
  const { tokens, costUsd } = given
  return {
    tokens: tokens === undefined ? null : fields.number('tokens', { from: 0, to: 1e15 }, 0),
    nanoUsd: costUsd === undefined ? null : nanoUsd(fields.number('costUsd', { from: 0, to: 9e6 }, 0)),
  }
}

function fault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}
