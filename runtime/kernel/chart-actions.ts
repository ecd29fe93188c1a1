import type { AnyStateMachine } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import { assignTo } from './chart-assign.ts'
import { spawnInto, stopIn } from './chart-children.ts'
import { type ChartRun, list, touch, viewOfRun } from './chart-run.ts'
import type { ActionObject } from './step.ts'

/** An action of a chart with its implementation, ready to be carried out in a step. */
export interface ChartAction {
  /** As XState lists it when it is an author's own. */
  readonly type: string
  readonly kind: 'own' | 'assign' | 'raise' | 'cancel' | 'spawn' | 'stop' | 'other'
  readonly params: unknown
  readonly code: unknown
}

/** XState's built-in actions: functions that carry their parts. */
export interface BuiltInAction {
  readonly type: string
  readonly resolve: (
    scope: object,
    snapshot: unknown,
    args: object,
    params: unknown,
    self: unknown,
    extra: object,
  ) => readonly [snapshot: ReturnType<typeof viewOfRun>, params: unknown, actions: readonly unknown[] | undefined]
  readonly retryResolve?: (scope: object, snapshot: unknown, params: unknown) => void
  readonly execute?: unknown
}

/** What a state that is entered still has to look up once its actors exist. */
export interface EntryScope {
  readonly starting: readonly string[]
  readonly retries: (readonly [BuiltInAction, unknown])[]
}

interface Timing {
  readonly event: unknown
  readonly id: string | undefined
  readonly delay: unknown
  readonly sendId: unknown
}

type Resolve = (args: object, params: unknown) => unknown

const KINDS: Readonly<Record<string, ChartAction['kind']>> = {
  'xstate.assign': 'assign',
  'xstate.raise': 'raise',
  'xstate.cancel': 'cancel',
  'xstate.spawnChild': 'spawn',
  'xstate.stopChild': 'stop',
}

/** Resolves an action. One without implementation is listed all the same: XState leaves it to whoever carries it out. */
export function chartAction(machine: AnyStateMachine, action: unknown): ChartAction {
  const isInline = typeof action === 'function'
  const name = typeof action === 'string' ? action : (action as { type: string }).type
  const code: unknown = isInline ? action : (machine.implementations.actions as Record<string, unknown>)[name]
  const params = isInline || typeof action === 'string' ? undefined : (action as { params?: unknown }).params
  if (typeof code === 'function' && 'resolve' in code) {
    const { type } = code as unknown as BuiltInAction
    return { type, kind: KINDS[type] ?? 'other', params, code }
  }
  return { type: isInline ? action.name || '(anonymous)' : name, kind: 'own', params, code }
}

/** Carries out actions in a step: the snapshot changes, and what the kernel has to do is listed. */
export function performAll(
  run: ChartRun,
  actions: readonly ChartAction[],
  event: MessageEvent,
  entry: EntryScope | null,
): void {
  for (let index = 0; index < actions.length; index++) perform(run, actions[index] as ChartAction, event, entry)
}

function perform(run: ChartRun, action: ChartAction, event: MessageEvent, entry: EntryScope | null): void {
  const { type, kind, code } = action
  const params =
    typeof action.params === 'function'
      ? (action.params as (args: object) => unknown)({ context: run.context, event })
      : action.params
  switch (kind) {
    case 'own':
      return list(run, { type, info: argsOf(run, event), params, exec: code as ActionObject['exec'] })
    case 'assign':
      if (!run.context) break
      return assignTo(run, code as never, event, params)
    case 'raise': {
      const { event: given, id, delay } = code as Timing
      if (typeof given === 'string') break
      return raise(run, given, id, delay, event, params)
    }
    case 'cancel': {
      const { sendId: given } = code as Timing
      const sendId = typeof given === 'function' ? (given as Resolve)(argsOf(run, event), params) : given
      return list(run, { type, info: undefined, params: { sendId }, exec: undefined })
    }
    case 'spawn': {
      const spawned = spawnInto(run, code as never, event)
      if (!spawned) break
      return list(run, { type, info: undefined, params: spawned, exec: undefined })
    }
    case 'stop': {
      const { actorRef: given } = code as { readonly actorRef: unknown }
      const named = typeof given === 'function' ? (given as Resolve)(argsOf(run, event), params) : given
      return list(run, { type, info: undefined, params: stopIn(run, named), exec: undefined })
    }
    case 'other':
      break
  }
  performBuiltIn(run, code as BuiltInAction, event, params, entry)
}

function raise(
  run: ChartRun,
  given: unknown,
  id: string | undefined,
  delay: unknown,
  event: MessageEvent,
  params: unknown,
): void {
  const isFixed = typeof given !== 'function' && typeof delay !== 'function' && typeof delay !== 'string'
  const args = isFixed ? null : argsOf(run, event)
  const raised = (typeof given === 'function' ? (given as Resolve)(args as object, params) : given) as MessageEvent
  const delays = run.machine.implementations.delays as Record<string, unknown>
  const named = typeof delay === 'string' ? delays[delay] : delay
  const due = typeof named === 'function' ? (named as Resolve)(args as object, params) : named
  if (typeof due !== 'number') (run.queue ??= []).push(raised)
  list(run, { type: 'xstate.raise', info: undefined, params: { event: raised, id, delay: due }, exec: undefined })
}

// The rarer ones XState resolves itself, from a snapshot like its own.
function performBuiltIn(
  run: ChartRun,
  code: BuiltInAction,
  event: MessageEvent,
  params: unknown,
  entry: EntryScope | null,
): void {
  const before = viewOfRun(run)
  const info = argsOf(run, event)
  const extra = { internalQueue: (run.queue ??= []), deferredActorIds: entry?.starting }
  const [after, resolved, more] = code.resolve(run.scope, before, info, params, code, extra)
  if (after !== before) {
    run.context = after.context
    run.children = after.children
    touch(run)
    run.view = after
  }
  if (code.retryResolve) entry?.retries.push([code, resolved])
  if (code.execute) list(run, { type: code.type, info, params: resolved, exec: undefined })
  if (more) for (const action of more) perform(run, chartAction(run.machine, action), event, entry)
}

function argsOf({ context, scope }: ChartRun, event: MessageEvent): object {
  return { context, event, self: scope.self, system: scope.system }
}
