import type { AnyActorLogic } from 'xstate'
import type { MessageEvent } from '../../../runtime/protocol/contract.ts'

/** One thing done to an actor from outside: an event it gets, or milliseconds that pass. */
export type Stimulus = MessageEvent | number

/** A line of the log that a case's own implementations write, in the order they run. */
export type Trace = (line: string) => void

/** Logic and a script to run it through, under XState itself and under the kernel. */
export interface NativeCase {
  readonly name: string
  /** Makes the logic; every implementation of interest says so through the trace. */
  readonly logic: (trace: Trace) => AnyActorLogic
  readonly input?: unknown
  readonly script: readonly Stimulus[]
  /** Types of events that it emits. */
  readonly emits?: readonly string[]
}

/** What is seen of an actor once all has settled after a stimulus. */
export interface Observation {
  readonly after: string
  readonly status: string
  readonly value: unknown
  readonly context: unknown
  readonly tags: readonly string[]
  readonly output: unknown
  readonly error: string | undefined
  /** Machines and transition logics at work below it. */
  readonly descendants: number
  readonly emitted: readonly unknown[]
  readonly trace: readonly string[]
}

/** What two observations are compared by. Of an ended actor the kernel keeps what its result needs, no more. */
export function comparable(observation: Observation): Partial<Observation> {
  if (observation.status === 'active') return observation
  const { after, status, value, output, error, emitted, trace } = observation
  return { after, status, value, output, error, emitted, trace }
}

/** Names a stimulus for the reader of a failed test. */
export function stimulusName(stimulus: Stimulus): string {
  return typeof stimulus === 'number' ? `${stimulus} ms` : stimulus.type
}

/** A plain copy: actors that a machine keeps in its context and errors are reduced to their facts. */
export function plain(value: unknown): unknown {
  return value === undefined
    ? undefined
    : JSON.parse(
        JSON.stringify(value, (_key, inner: unknown) =>
          inner instanceof Error ? { name: inner.name, message: inner.message } : inner,
        ),
      )
}
