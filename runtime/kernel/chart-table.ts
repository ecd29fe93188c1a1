import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import { type ChartAction, chartAction } from './chart-actions.ts'
import { edgesFor } from './chart-descriptor.ts'
import { type ChartGuard, chartGuard } from './chart-guard.ts'
import { ancestorsOf, type ChartEdge, type ChartNode, chartNodes } from './chart-node.ts'
import { type ChartPath, chartPath, initialPath } from './chart-path.ts'
import type { SnapshotMethods } from './chart-run.ts'
import { standsFor } from './stand-in.ts'

/** A machine as tables: everything that follows from the chart alone is looked up instead of worked out in each step. */
export interface ChartTable {
  readonly machine: AnyStateMachine
  readonly methods: SnapshotMethods
  readonly root: ChartNode
  /** The way into the first state. */
  readonly start: ChartMove
  readonly maxIterations: number
  /** The configuration whose innermost state it is; undefined for a state of another machine. */
  configurationOf(leaf: ChartNode | undefined): ChartConfiguration | undefined
  /** What may happen in a configuration at an event of the type, in the order of XState. */
  edgesOf(configuration: ChartConfiguration, type: string): readonly ChartBranch[]
  /** Where an edge leads from a configuration, and what belongs to it. */
  moveOf(configuration: ChartConfiguration, branch: ChartBranch): ChartMove
}

/** The states a chart is in at one time. Without regions the innermost names them all. */
export interface ChartConfiguration {
  readonly leaf: ChartNode
  /** The outermost first. */
  readonly nodes: readonly ChartNode[]
  readonly value: unknown
  readonly tags: ReadonlySet<string>
  /** As XState orders them once the machine is done: the innermost first. */
  readonly doneNodes: readonly ChartNode[]
  readonly doneTags: ReadonlySet<string>
  readonly always: readonly ChartBranch[]
  readonly byType: Map<string, readonly ChartBranch[]>
  /** What is carried out when the machine is done in it, the innermost first. */
  readonly exits: readonly ChartAction[]
}

/** One edge out of a configuration. */
export interface ChartBranch {
  readonly edge: ChartEdge
  readonly guard: ChartGuard | null
  /** Made when it is first taken. */
  move: ChartMove | null
}

/** An edge from one configuration, worked out. */
export interface ChartMove {
  readonly exits: readonly (readonly ChartAction[])[]
  readonly actions: readonly ChartAction[]
  readonly enters: readonly ChartEntry[]
  readonly to: ChartConfiguration
}

/** A state that is entered. */
export interface ChartEntry {
  readonly node: ChartNode
  readonly actions: readonly ChartAction[]
  /** The ids of the actors it invokes. */
  readonly starting: readonly string[]
}

// Types of events come from outside too: what is remembered of them is bounded.
const TYPES_KEPT = 256

/** Makes the tables of a machine; null for one that they cannot hold: with regions, history or more than one target. */
export function chartTable(machine: AnyStateMachine): ChartTable | null {
  const nodes = chartNodes(machine)
  if (!nodes.every((node, index) => node.order === index && isPlain(node, machine))) return null
  const guards = new Map<unknown, ChartGuard | null>([[undefined, null]])
  for (const node of nodes) {
    for (const { guard } of edgesOfNode(node)) {
      const resolved = guard === undefined ? null : chartGuard(machine, guard)
      if (guard !== undefined && !resolved) return null
      guards.set(guard, resolved)
    }
  }
  const root = machine.root as unknown as ChartNode
  const configurations: (ChartConfiguration | undefined)[] = []
  const entries: (ChartEntry | undefined)[] = []
  const bare: (ChartEntry | undefined)[] = []
  const known = new Map<unknown, ChartAction>()
  const ready = (actions: readonly unknown[]): readonly ChartAction[] => actions.map(readyOne)
  const branchOf = (edge: ChartEdge): ChartBranch => ({ edge, guard: guards.get(edge.guard) ?? null, move: null })

  function readyOne(action: unknown): ChartAction {
    const made = known.get(action) ?? chartAction(machine, action)
    known.set(action, made)
    return made
  }

  function configurationOf(leaf: ChartNode | undefined): ChartConfiguration | undefined {
    if (!leaf) return undefined
    const found = configurations[leaf.order]
    if (found) return found.leaf === leaf ? found : undefined
    if (nodes[leaf.order] !== leaf || leaf.type === 'compound') return undefined
    const chain = [leaf, ...ancestorsOf(leaf)]
    const made: ChartConfiguration = {
      leaf,
      nodes: chain.toReversed(),
      value: valueOf(chain),
      tags: new Set(chain.toReversed().flatMap(({ tags }) => tags)),
      doneNodes: chain,
      doneTags: new Set(chain.flatMap(({ tags }) => tags)),
      always: chain.flatMap((node) => node.always ?? []).map(branchOf),
      byType: new Map(),
      exits: ready(chain.flatMap(({ exit }) => exit)),
    }
    configurations[leaf.order] = made
    return made
  }

  function entryOf(node: ChartNode, isDefault: boolean): ChartEntry {
    const kept = isDefault ? entries : bare
    return (kept[node.order] ??= {
      node,
      actions: [...ready(node.entry), ...node.invoke.map(startOf), ...(isDefault ? ready(node.initial.actions) : [])],
      starting: node.invoke.map(({ id }) => id),
    })
  }

  function worked(path: ChartPath, actions: readonly unknown[]): ChartMove {
    return {
      exits: path.exits.map(({ exit, invoke }) => [...ready(exit), ...invoke.map(({ id }) => stopOf(id))]),
      actions: ready(actions),
      enters: path.enters.map((node) => entryOf(node, path.defaults.has(node))),
      to: configurationOf(path.leaf) as ChartConfiguration,
    }
  }

  const start = worked(initialPath(root), [])
  const { value } = start.to
  return {
    machine,
    methods: machine.resolveState({ value, context: {} } as never) as unknown as SnapshotMethods,
    root,
    start,
    maxIterations: machine.options.maxIterations ?? Infinity,
    configurationOf,
    edgesOf({ nodes: around, byType }, type) {
      const found = byType.get(type)
      if (found) return found
      const made = around
        .toReversed()
        .flatMap((node) => edgesFor(node, type))
        .map(branchOf)
      if (byType.size < TYPES_KEPT) byType.set(type, made)
      return made
    },
    moveOf({ nodes: around }, branch) {
      return (branch.move ??= worked(chartPath(branch.edge, around), branch.edge.actions))
    },
  }
}

function isPlain(node: ChartNode, machine: AnyStateMachine): boolean {
  if (node.type === 'parallel' || node.type === 'history' || !hasInitial(node)) return false
  // Logic that has no name is XState's to look up.
  if (!node.invoke.every(({ src, systemId }) => isStoodFor(machine, src) && systemId === undefined)) return false
  return edgesOfNode(node).every(({ target }) => target === undefined || target.length === 1)
}

function hasInitial(node: ChartNode): boolean {
  if (node.type !== 'compound') return true
  try {
    return node.initial.target?.length === 1
  } catch {
    // It names a state that is not there, of which XState will tell whoever enters it.
    return false
  }
}

function isStoodFor(machine: AnyStateMachine, src: string): boolean {
  const logic = (machine.implementations.actors as Readonly<Record<string, AnyActorLogic | undefined>>)[src]
  return logic !== undefined && standsFor(logic) !== undefined
}

function edgesOfNode({ transitions, always }: ChartNode): readonly ChartEdge[] {
  return [...[...transitions.values()].flat(), ...(always ?? [])]
}

// From the innermost outwards: `{ a: { b: 'c' } }`.
function valueOf([leaf, ...around]: readonly ChartNode[]): unknown {
  if (around.length === 0) return Object.freeze({})
  let value: unknown = (leaf as ChartNode).key
  for (const node of around.slice(0, -1)) value = Object.freeze({ [node.key]: value })
  return value
}

function startOf({ id, src, systemId, input, onSnapshot }: ChartNode['invoke'][number]): ChartAction {
  const code = { id, src, systemId, input, syncSnapshot: Boolean(onSnapshot) }
  return { type: 'xstate.spawnChild', kind: 'spawn', params: undefined, code }
}

function stopOf(id: string): ChartAction {
  return { type: 'xstate.stopChild', kind: 'stop', params: undefined, code: { actorRef: id } }
}
