import { z } from 'zod'
import type { Address } from '../runtime/protocol/address.ts'
import { defineContract } from '../runtime/protocol/contract.ts'
import { callFailure } from './model-failure.ts'
import { modelUsage } from './model-usage.ts'

const count = z.number().int().nonnegative()
const ids = z.array(z.string()).readonly()

/** How a bundle, and each run, ends. */
const evidenceStatus = z.enum(['succeeded', 'partial', 'degraded', 'failed', 'cancelled'])

/** Why no more replicates were run: two agreed, all are done, or something came between. */
export const evidenceReason = z.enum(['agreement', 'complete', 'budget', 'timeout', 'cancelled', 'error'])

/** One question, as plain data. */
export const evidenceInput = z.object({
  /** What it is about, for people and records. */
  task: z.string().min(1),
  question: z.unknown(),
  /** How many replicates at most. Default: as defined, 3. */
  k: z.number().int().min(2).max(10).optional(),
  /** The distance up to which two answers agree. Default: as defined, 0.2. */
  epsilon: z.number().min(0).max(1).optional(),
  /** Where its budget is kept; null when nothing bounds it. */
  budget: z
    .object({ keeper: z.custom<Address>((given) => typeof given === 'string'), path: z.string() })
    .nullable()
    .default(null),
})

/** What one replicate came to. */
export const replicateOutcome = z.object({
  status: z.enum(['valid', 'invalid', 'cancelled']),
  data: z.unknown(),
  /** What is wrong with it; empty for a valid one. */
  errors: z.array(z.string()).readonly(),
  usage: modelUsage,
  costNanoUsd: count,
  model: z.string().nullable(),
  /** Why there is no answer; null when there is one, whatever it is worth. */
  failure: callFailure.nullable(),
})

/** One replicate of a bundle. */
export const evidenceReplicate = replicateOutcome.omit({ costNanoUsd: true, failure: true }).extend({
  /** `r1` and so on. */
  id: z.string(),
  valid: z.boolean(),
  costUsd: z.number(),
  elapsedMs: z.number(),
  /** True when its data was left out: the bundle would have been too large. */
  truncated: z.boolean(),
})

/** What was given up to stay within a budget. */
export const evidenceDegradation = z.object({ rung: z.literal('fewer_replicates'), before: count, after: count })

/** A field of which not all say the same. A replicate without the field says null. */
export const evidenceDisagreement = z.object({
  /** Its dotted path; `$` is the whole answer. */
  field: z.string(),
  values: z.array(z.object({ value: z.unknown(), replicates: ids })).readonly(),
})

/** How the numbers of a field lie. `stdev` is that of a sample. */
export const evidenceDistribution = z.object({
  field: z.string(),
  count,
  mean: z.number(),
  stdev: z.number(),
  min: z.number(),
  max: z.number(),
})

/** How far two replicates are apart. */
export const evidencePair = z.object({ replicates: z.tuple([z.string(), z.string()]), distance: z.number() })

/** What all replicates say together. */
export const evidenceSummary = z.object({
  /** What is unambiguous; null when nothing is. */
  consensus: z.unknown(),
  disagreements: z.array(evidenceDisagreement).readonly(),
  pairwiseDistance: z.array(evidencePair).readonly(),
  distributions: z.array(evidenceDistribution).readonly(),
  /** 1 less the mean distance; 0 when there are no two answers to compare. */
  confidence: z.number(),
  /** How often bundles of this confidence are right; null without a table. */
  calibratedConfidence: z.number().nullable(),
})

/** Several answers to one question, and what to make of them. */
export const evidenceBundle = z.object({
  status: evidenceStatus,
  meta: z.object({
    task: z.string(),
    k: count,
    /** How many came to an end of their own. */
    completed: count,
    epsilon: z.number(),
    models: z.array(z.string()).readonly(),
    /** True when two agreed and more would have been run otherwise. */
    earlyStopped: z.boolean(),
    reason: evidenceReason,
    elapsedMs: z.number(),
  }),
  replicates: z.array(evidenceReplicate).readonly(),
  summary: evidenceSummary,
  usage: modelUsage,
  costUsd: z.number(),
  degradations: z.array(evidenceDegradation).readonly(),
  warnings: z.array(z.string()).readonly(),
  /** How much was left out: fields not looked at, disagreements not listed, bytes not shown. Null when nothing was. */
  truncated: z.object({ fields: count, diffs: count, bytes: count }).nullable(),
})

const stamp = { seq: count, at: z.number() }
const id = z.string()

/** What happens to a bundle, in order: `seq` counts from 1 without a gap. */
export const evidenceEvent = z.discriminatedUnion('type', [
  z.object({ ...stamp, type: z.literal('tool_started'), task: z.string(), k: count, epsilon: z.number() }),
  z.object({ ...stamp, type: z.literal('replicate_started'), id }),
  z.object({ ...stamp, type: z.literal('replicate_done'), id, valid: z.boolean(), errors: z.array(z.string()) }),
  z.object({
    ...stamp,
    type: z.literal('partial_summary'),
    /** Null when the two cannot be compared. */
    distance: z.number().nullable(),
    agreed: z.boolean(),
  }),
  z.object({ ...stamp, type: z.literal('warning'), message: z.string() }),
  z.object({ ...stamp, type: z.literal('error'), message: z.string() }),
  z.object({ ...stamp, type: z.literal('timeout'), message: z.string() }),
  z.object({ ...stamp, type: z.literal('cancelled'), message: z.string() }),
  z.object({
    ...stamp,
    type: z.literal('bundle_ready'),
    status: evidenceStatus,
    reason: evidenceReason,
    completed: count,
    confidence: z.number(),
  }),
])

const [started, replicateStarted, replicateDone, partial, warning, error, timeout, cancelled, ready] =
  evidenceEvent.options

/** The contract of every bundle. */
export const evidenceContract = defineContract({
  input: evidenceInput,
  output: z.object({ question: z.unknown(), bundle: evidenceBundle, events: z.array(evidenceEvent).readonly() }),
  messages: {
    /** Streams what happened after the event of that number, and what happens; the reply is the bundle. */
    'evidence.follow': { fields: z.object({ after: count.default(0) }), reply: evidenceBundle, chunk: evidenceEvent },
    'evidence.cancel': { fields: z.object({ reason: z.string().default('the bundle was cancelled') }) },
  },
  emits: {
    tool_started: started.omit({ type: true }),
    replicate_started: replicateStarted.omit({ type: true }),
    replicate_done: replicateDone.omit({ type: true }),
    partial_summary: partial.omit({ type: true }),
    warning: warning.omit({ type: true }),
    error: error.omit({ type: true }),
    timeout: timeout.omit({ type: true }),
    cancelled: cancelled.omit({ type: true }),
    bundle_ready: ready.omit({ type: true }),
  },
})

/** One question, as plain data. */
export type EvidenceInput = z.output<typeof evidenceInput>
/** What one replicate came to. */
export type ReplicateOutcome = z.output<typeof replicateOutcome>
/** One replicate of a bundle. */
export type EvidenceReplicate = z.output<typeof evidenceReplicate>
/** What was given up to stay within a budget. */
export type EvidenceDegradation = z.output<typeof evidenceDegradation>
/** A field of which not all say the same. */
export type EvidenceDisagreement = z.output<typeof evidenceDisagreement>
/** How the numbers of a field lie. */
export type EvidenceDistribution = z.output<typeof evidenceDistribution>
/** How far two replicates are apart. */
export type EvidencePair = z.output<typeof evidencePair>
/** What all replicates say together. */
export type EvidenceSummary = z.output<typeof evidenceSummary>
/** Several answers to one question, and what to make of them. */
export type EvidenceBundle = z.output<typeof evidenceBundle>
/** What happens to a bundle. */
export type EvidenceEvent = z.output<typeof evidenceEvent>
/** Why no more replicates were run. */
export type EvidenceReason = z.output<typeof evidenceReason>
