import type { z } from 'zod'
import { canonicalText } from '../machines/evidence-data.ts'
import {
  type EvidenceBundle,
  evidenceInput,
  type EvidenceEvent,
  type EvidenceSummary,
  type evidenceContract,
} from '../machines/evidence.contract.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import type { OutputOf } from '../runtime/protocol/contract.ts'
import { isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import type { Budget } from './budget-client.ts'
import type { Evidence } from './evidence.ts'

/** What one bundle may be given beside its question. */
export interface EvidenceRunOptions {
  /**
   * Names the bundle: who asks the same with the same key joins the one under way, or gets a durable one that has ended;
   * CONFLICT for another question. Default: a fresh name.
   */
  readonly key?: string
  /** What it is about, for people and records. Default: the name of the definition. */
  readonly task?: string
  readonly k?: number
  readonly epsilon?: number
  readonly budget?: Budget
  readonly signal?: AbortSignal
}

type DataOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : unknown
type SomeOf<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: SomeOf<T[K]> } : T

/** A bundle whose consensus has the fields, not all of them perhaps, of an answer. */
export interface TypedEvidence<Schema> extends Omit<EvidenceBundle, 'summary'> {
  readonly summary: Omit<EvidenceSummary, 'consensus'> & { readonly consensus: SomeOf<DataOf<Schema>> | null }
}

/** A bundle as it comes about. */
export interface EvidenceStream<Schema> extends AsyncIterable<EvidenceEvent> {
  /** Settles when the bundle is ready, whether or not its events were read. */
  readonly result: Promise<TypedEvidence<Schema>>
}

/** Asks questions several times over. */
export interface EvidenceClient<Question, Schema> {
  /**
   * Resolves to the bundle, also where nothing came of it: its `status` says so. Rejects only when it could not be run at
   * all.
   */
  run(question: Question, options?: EvidenceRunOptions): Promise<TypedEvidence<Schema>>
  /** The events of a bundle in order. Who leaves the loop early cancels it. */
  stream(question: Question, options?: EvidenceRunOptions): EvidenceStream<Schema>
}

interface OpenBundle {
  readonly ref: Ref<typeof evidenceContract>
  readonly result: Promise<OutputOf<typeof evidenceContract>>
  cancel(): void
}

const NAMES = ['key', 'task', 'k', 'epsilon', 'budget', 'signal']
const LONGEST = '365d'

/**
 * Makes a client of evidence. `defaults` hold for each question that does not say otherwise.
 *
 * @example
 * const totals = createEvidence(runtime, totalsEvidence)
 * const { summary, status } = await totals.run({ path: 'invoice.pdf' })
 */
export function createEvidence<Question, Schema>(
  host: ActorHost,
  definition: Evidence<Question, Schema>,
  defaults: Omit<EvidenceRunOptions, 'key' | 'signal'> = {},
): EvidenceClient<Question, Schema> {
  policyFields(defaults, 'evidence', ['task', 'k', 'epsilon', 'budget'])

  async function open(question: Question, options: EvidenceRunOptions): Promise<OpenBundle> {
    policyFields(options, 'run', NAMES)
    const { key = host.random.id(), task = definition.type, k, epsilon, budget, signal } = { ...defaults, ...options }
    const given = {
      task,
      question,
      ...(k === undefined ? {} : { k }),
      ...(epsilon === undefined ? {} : { epsilon }),
      budget: budget?.place ?? null,
    }
    const input = evidenceInput.safeParse(given)
    if (!input.success) {
      const [issue] = input.error.issues
      const where = `run.${issue?.path.join('.')}`
      throw new TroupeError('INVALID_MESSAGE', `${where}: ${issue?.message}`, {
        where,
        hint: 'k is a whole number from 2 to 10, epsilon a number from 0 to 1, the task a text',
      })
    }
    if (signal?.aborted) throw new TroupeError('CANCELLED', 'the bundle was cancelled before it began', { where: key })
    const ref = await host.spawn(definition, { key, input: input.data })
    // Nobody is told of a cancellation that came too late.
    const cancel = (): void => void ref.send({ type: 'evidence.cancel' }).catch(() => {})
    if (signal?.aborted) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    const ended = ref.result({ timeout: LONGEST }).finally(() => signal?.removeEventListener('abort', cancel))
    const result = ended.then((output) => {
      if (canonicalText(output.question) === canonicalText(question)) return output
      throw new TroupeError('CONFLICT', `'${key}' was used for another question`, {
        where: ref.address,
        hint: 'give another key to what is to be asked anew',
      })
    })
    return { ref, result, cancel }
  }

  async function bundleOf(opening: Promise<OpenBundle>): Promise<TypedEvidence<Schema>> {
    const { bundle } = await (await opening).result
    return bundle as TypedEvidence<Schema>
  }

  return {
    run: (question, options = {}) => bundleOf(open(question, options)),
    stream(question, options = {}) {
      const opening = open(question, options)
      const result = bundleOf(opening)
      // Who reads the events gets the error there.
      result.catch(() => {})
      return { result, [Symbol.asyncIterator]: () => readEvents(opening) }
    },
  }
}

async function* readEvents(opening: Promise<OpenBundle>): AsyncGenerator<EvidenceEvent, void> {
  const { ref, result, cancel } = await opening
  let seq = 0
  let isOver = false
  try {
    try {
      for await (const event of ref.stream({ type: 'evidence.follow' }, { timeout: LONGEST })) {
        seq = event.seq
        yield event
      }
    } catch (error) {
      // A bundle that was ready before it could be followed has kept its events.
      if (!isTroupeError(error, 'NOT_FOUND') && !isTroupeError(error, 'REJECTED')) throw error
    }
    const { events } = await result
    isOver = true
    for (const event of events) if (event.seq > seq) yield event
  } finally {
    if (!isOver) cancel()
  }
}
