import { z } from 'zod'
import { parseAddress } from '../protocol/address.ts'
import type { ErrorValue } from '../protocol/errors.ts'
import type { ActorRecord } from '../protocol/record.ts'

/** How a run of a workflow stands, as its record has it. */
export interface RunSummary {
  readonly id: string
  readonly type: string
  readonly address: string
  /** `running` is one that has not ended, whether a process is at work on it or not. */
  readonly status: string
  readonly reason: string | null
  /** In milliseconds since 1970. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly steps: { readonly done: number; readonly total: number }
}

const at = z.number().nullable()
const OPEN = new Set(['waiting', 'running', 'retrying'])

/** What the memory of every workflow has in it: by this its records are known without its definition. */
const memory = z.object({
  status: z.string(),
  reason: z.string().nullable(),
  startedAt: at,
  endedAt: at,
  steps: z.record(z.string(), z.object({ status: z.string(), attempts: z.number() })),
  open: z.number(),
  results: z.object({}),
  seq: z.number(),
})

/** The summary of a record; null for one of an actor that is no workflow. */
export function runSummary(record: ActorRecord): RunSummary | null {
  const { address, snapshot, quarantined } = record
  const { data: run } = memory.safeParse(snapshot.context)
  if (!run) return null
  const { type, key } = parseAddress(address)
  const steps = Object.values(run.steps)
  const endedAt = run.endedAt ?? record.ended?.at ?? null
  const done = steps.filter(({ status }) => !OPEN.has(status)).length
  const facts = { id: key, type, address, startedAt: run.startedAt, steps: { done, total: steps.length } }
  if (quarantined) return { ...facts, status: 'quarantined', reason: quarantined.message, endedAt: null }
  switch (snapshot.status) {
    case 'active':
      return { ...facts, status: 'running', reason: null, endedAt: null }
    case 'done':
      return { ...facts, status: run.status, reason: run.reason, endedAt }
    case 'stopped':
      return { ...facts, status: 'cancelled', reason: 'it was stopped', endedAt }
    default:
      return {
        ...facts,
        status: 'failed',
        reason: (snapshot.error as ErrorValue | undefined)?.message ?? null,
        endedAt,
      }
  }
}
