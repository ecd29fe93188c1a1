import type { MessageEvent } from '../protocol/contract.ts'
import { type ChartAction, performAll } from './chart-actions.ts'
import { enterAll } from './chart-entry.ts'
import { guardName } from './chart-guard.ts'
import { type ChartRun, type ChartScope, type ChartSnapshot, list, runFrom, touch } from './chart-run.ts'
import type { ChartBranch, ChartMove, ChartTable } from './chart-table.ts'

/** What a stepper lends to each step. */
export interface ChartLoan {
  readonly scope: ChartScope
  readonly spawn: () => never
}

const INIT = 'xstate.init'
const ERROR = 'xstate.error.actor'
// What these mean is XState's business, and they are rare.
const FOREIGN: ReadonlySet<string> = new Set([INIT, 'xstate.stop', '*'])
const NO_HISTORY = Object.freeze({})

/**
 * One step of a chart by its tables: what XState's `transition` gives, to the order of actions. Returns null for a
 * snapshot or an event that only XState can take.
 */
export function chartStep(
  table: ChartTable,
  snapshot: ChartSnapshot,
  event: MessageEvent,
  { scope, spawn }: ChartLoan,
): ChartRun | null {
  const { _nodes: nodes } = snapshot
  const configuration = table.configurationOf(nodes?.[nodes.length - 1])
  if (!configuration || snapshot.status !== 'active' || FOREIGN.has(event.type)) return null
  const run = runFrom(snapshot, configuration, { methods: table.methods, scope, spawn })
  const branch = select(table, run, event)
  if (branch) take(table, run, branch, event)
  else if (event.type.startsWith(ERROR)) return failed(run, event as MessageEvent & { readonly error: unknown })
  settle(table, run, event)
  if (run.moves > 0 && run.nodes === nodes) showMoved(run)
  return run
}

/** The first step of a chart by its tables. What fails in it becomes a snapshot in error, as XState has it. */
export function chartStart(table: ChartTable, input: unknown, { scope, spawn }: ChartLoan): ChartRun {
  const { machine, methods, root, start } = table
  const { context } = machine.config as { readonly context?: unknown }
  const made = typeof context === 'function' ? (context as ContextFactory) : null
  const before = {
    status: 'active',
    output: undefined,
    error: undefined,
    machine,
    context: made ? {} : ((context as object) ?? {}),
    _nodes: [root],
    value: start.to.value,
    tags: new Set(root.tags),
    children: {},
    historyValue: NO_HISTORY,
  } as unknown as ChartSnapshot
  const event = { type: INIT, input } as MessageEvent
  const run = runFrom(before, { ...start.to }, { methods, scope, spawn })
  run.view = null
  let known = run.context
  try {
    if (made) run.context = { ...made({ spawn, input, self: scope.self }) }
    known = run.context
    go(run, start, event, NO_ACTIONS)
    settle(table, run, event)
    return run
  } catch (error) {
    const broken = { ...before, status: 'error', error, context: known } as const
    return { ...runFrom(broken, start.to, { methods, scope, spawn }), view: null, actions: run.actions }
  }
}

type ContextFactory = (args: object) => object

const NO_ACTIONS: readonly ChartAction[] = []

// It has come back to where it was: who compares the states by identity is to see that it had left them.
function showMoved(run: ChartRun): void {
  run.nodes = [...run.nodes]
  run.view = null
}

// The edge that an event takes: the first whose guard lets it.
function select(table: ChartTable, run: ChartRun, event: MessageEvent): ChartBranch | null {
  const branches = table.edgesOf(run.configuration, event.type)
  for (let index = 0; index < branches.length; index++) {
    const branch = branches[index] as ChartBranch
    if (!branch.guard || passes(run, branch, event)) return branch
  }
  return null
}

function passes(run: ChartRun, { guard, edge }: ChartBranch, event: MessageEvent): boolean {
  try {
    return guard === null || guard(run, event)
  } catch (thrown) {
    throw new Error(
      `Unable to evaluate guard ${guardName(edge.guard)}in transition for event '${event.type}' in state node '${edge.source.id}':\n${(thrown as Error).message}`,
      { cause: thrown },
    )
  }
}

// What needs no event, and what the step itself has raised, until nothing is left.
function settle(table: ChartTable, run: ChartRun, first: MessageEvent): void {
  let event = first
  let isSettled = false
  for (let iterations = 1; run.status === 'active'; iterations++) {
    if (iterations > table.maxIterations) throw endless(table.maxIterations)
    const before = run.changes
    let branch: ChartBranch | null = isSettled ? null : selectEventless(run, event)
    const isEventless: boolean = branch !== null
    if (!branch) {
      if (!run.queue?.length) break
      event = run.queue.shift() as MessageEvent
      branch = select(table, run, event)
    }
    if (branch) take(table, run, branch, event)
    isSettled = isEventless && run.changes === before
  }
  if (run.status !== 'active') listChildren(run)
}

function selectEventless(run: ChartRun, event: MessageEvent): ChartBranch | null {
  const { always } = run.configuration
  for (let index = 0; index < always.length; index++) {
    const branch = always[index] as ChartBranch
    if (!branch.guard || branch.guard(run, event)) return branch
  }
  return null
}

function take(table: ChartTable, run: ChartRun, branch: ChartBranch, event: MessageEvent): void {
  const move = branch.move ?? table.moveOf(run.configuration, branch)
  go(run, move, event, move.actions)
}

function go(run: ChartRun, move: ChartMove, event: MessageEvent, actions: readonly ChartAction[]): void {
  for (let index = 0; index < move.exits.length; index++) {
    performAll(run, move.exits[index] as readonly ChartAction[], event, null)
  }
  performAll(run, actions, event, null)
  enterAll(run, move.enters, event)
  const { to } = move
  const isDone = run.status === 'done'
  if (isDone) performAll(run, to.exits, event, null)
  if (run.configuration === to) return
  run.configuration = to
  run.nodes = isDone ? to.doneNodes : to.nodes
  run.value = to.value
  run.tags = isDone ? to.doneTags : to.tags
  run.moves++
  touch(run)
}

// A signal that a child failed, which the chart does not take, fails the machine.
function failed(run: ChartRun, { error }: { readonly error: unknown }): ChartRun {
  listChildren(run)
  run.children = {}
  run.status = 'error'
  run.error = error
  touch(run)
  return run
}

function listChildren(run: ChartRun): void {
  for (const child of Object.values(run.children)) {
    list(run, { type: 'xstate.stopChild', info: undefined, params: child, exec: undefined })
  }
}

function endless(most: number): Error {
  return new Error(
    `Infinite loop detected: the machine has processed more than ${most} microsteps without reaching a stable state. This usually happens when there's a cycle of transitions (e.g., eventless transitions or raised events causing state A -> B -> C -> A).`,
  )
}
