import { getAdjacencyMap } from '@xstate/graph'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'

/** One step from a state to a state. */
export interface GraphEdge {
  readonly from: AnyMachineSnapshot
  readonly event: EventObject
  readonly to: AnyMachineSnapshot
}

/** Everything a machine can get into. */
export interface MachineGraph {
  readonly states: readonly AnyMachineSnapshot[]
  readonly edges: readonly GraphEdge[]
  /** The states from which none that `isEnd` accepts can be reached. */
  stuck(isEnd: (state: AnyMachineSnapshot) => boolean): readonly AnyMachineSnapshot[]
}

/** What is tried in each state, and which states are the same. */
export interface GraphOptions {
  readonly events: (state: AnyMachineSnapshot) => readonly EventObject[]
  readonly key: (state: AnyMachineSnapshot) => string
  /** Default: the initial state. */
  readonly from?: AnyMachineSnapshot
}

const LIMIT = 50_000

/** Walks through all states of a machine. Throws when there are too many of them: then its context is not bounded. */
export function machineGraph(machine: AnyStateMachine, { events, key, from: start }: GraphOptions): MachineGraph {
  const adjacency = Object.values(
    getAdjacencyMap(machine as never, {
      events: events as never,
      serializeState: key as never,
      limit: LIMIT,
      ...(start ? { fromState: start as never } : {}),
    }),
  ) as readonly {
    readonly state: AnyMachineSnapshot
    readonly transitions: Readonly<Record<string, { readonly event: EventObject; readonly state: AnyMachineSnapshot }>>
  }[]
  const edges = adjacency.flatMap(({ state, transitions }) =>
    Object.values(transitions).map(({ event, state: to }) => ({ from: state, event, to })),
  )
  return {
    states: adjacency.map(({ state }) => state),
    edges,
    stuck(isEnd) {
      const before = new Map<string, string[]>()
      for (const { from, to } of edges) before.set(key(to), [...(before.get(key(to)) ?? []), key(from)])
      const free = new Set(adjacency.filter(({ state }) => isEnd(state)).map(({ state }) => key(state)))
      for (const state of free) for (const earlier of before.get(state) ?? []) free.add(earlier)
      return adjacency.map(({ state }) => state).filter((state) => !free.has(key(state)))
    },
  }
}
