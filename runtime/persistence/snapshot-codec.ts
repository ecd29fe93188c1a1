import { errorValue, TroupeError } from '../protocol/errors.ts'
import type { ChildRecord, SnapshotRecord } from '../protocol/record.ts'

/**
 * Snapshots as records and back. A record holds what decides the future: status, state value, context, what history
 * remembers, which children there are. Everything else of a snapshot follows from the machine.
 */

/** The part of a state machine that the codec works with; XState's machines have it. */
export interface CodecMachine {
  readonly id: string
  resolveState(config: object): object
  getStateNodeById(id: string): unknown
}

/** A snapshot as the codec reads it. */
export interface CodecSnapshot {
  readonly status: SnapshotRecord['status']
  readonly value?: unknown
  readonly context?: unknown
  readonly output?: unknown
  readonly error?: unknown
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>
  readonly children?: Readonly<Record<string, { readonly src?: unknown; readonly _syncSnapshot?: boolean } | undefined>>
}

/** The record of a snapshot. Throws INVALID_MESSAGE for a child whose logic has no name: nobody could find it again. */
export function encodeSnapshot(snapshot: CodecSnapshot, where: string): SnapshotRecord {
  const { status, value, context, output, error, historyValue, children } = snapshot
  const history = Object.entries(historyValue ?? {}).map(([id, nodes]) => [id, nodes.map((node) => node.id)])
  const named = Object.entries(children ?? {}).flatMap(([id, child]) =>
    child ? [[id, childRecord(id, child, where)]] : [],
  )
  return {
    status,
    ...(value === undefined ? {} : { value }),
    ...(context === undefined ? {} : { context }),
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error: errorValue(error, 'CRASHED') }),
    ...(history.length === 0 ? {} : { history: Object.fromEntries(history) }),
    ...(named.length === 0 ? {} : { children: Object.fromEntries(named) }),
  }
}

/**
 * The snapshot of a record, for a machine. `standIn` makes what stands for a child. Throws INCOMPATIBLE when the machine
 * does not have a state that the record of a living actor names.
 */
export function decodeSnapshot(
  machine: CodecMachine,
  record: SnapshotRecord,
  standIn: (id: string, child: ChildRecord) => unknown,
): CodecSnapshot {
  const { status, value, context, output, error } = record
  // Nothing will run in what has ended: its result is wanted, whatever became of its states.
  if (status !== 'active') return { status, value, context, output, error }
  try {
    const historyValue = Object.fromEntries(
      Object.entries(record.history ?? {}).map(([id, nodes]) => [
        id,
        nodes.map((node) => machine.getStateNodeById(node)),
      ]),
    )
    const resolved = machine.resolveState({ status, value, context, output, error, historyValue })
    const children = Object.entries(record.children ?? {}).map(([id, child]) => [id, standIn(id, child)])
    return Object.assign(resolved, { children: Object.fromEntries(children) }) as CodecSnapshot
  } catch (cause) {
    throw new TroupeError(
      'INCOMPATIBLE',
      `a record does not fit the machine '${machine.id}': ${(cause as Error).message}`,
      {
        where: machine.id,
        hint: 'deploy the version that wrote it, or one with a migration',
        cause,
      },
    )
  }
}

function childRecord(
  id: string,
  child: { readonly src?: unknown; readonly _syncSnapshot?: boolean },
  where: string,
): ChildRecord {
  const { src } = child
  if (typeof src === 'string' && !src.startsWith('xstate.invoke.')) return { src, syncs: child._syncSnapshot === true }
  throw new TroupeError('INVALID_MESSAGE', `the child '${id}' of ${where} has no named logic`, {
    where,
    hint: 'name it in setup({ actors }) and invoke it by that name',
  })
}
