import type { AnyActorLogic } from 'xstate'
import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { Cell } from './cell.ts'
import type { AnySnapshot } from './step.ts'

/**
 * Leaf logic at work for one actor: a promise, a callback, an observable. It runs outside the mailbox; what it has to
 * say comes back as messages. XState's leaf logics talk to an actor and a system; here these are the task itself.
 */
export interface Task {
  readonly kind: 'task'
  readonly id: string
  /** The actor for which it keeps the place, until that may start. */
  readonly standsFor?: Address
  start(): void
  /** A message of its owner. Only callbacks hear it. */
  deliver(event: MessageEvent): void
  /** Aborts it. What it says afterwards is ignored. */
  stop(): void
}

/** What a task needs. */
export interface TaskFacts {
  readonly id: string
  readonly owner: Cell
  readonly ownerSelf: unknown
  readonly logic: AnyActorLogic
  readonly input: unknown
  readonly syncs: boolean
  /** What `fromTask` gives its function. Made when it first looks. */
  readonly hands: (task: Task) => unknown
}

/** Where a task's outcome goes. */
export interface TaskOutcome {
  done(task: Task, output: unknown): void
  failed(task: Task, error: unknown): void
  /** An event for the owner. */
  said(event: MessageEvent): void
  /** An event for whoever listens to the owner. */
  emitted(event: MessageEvent): void
  snapshot(task: Task, snapshot: AnySnapshot): void
  /** Its cleanup threw. */
  untidy(task: Task, error: unknown): void
}

/** The method of a task's `self` by which `fromTask` finds its hands. */
export const HANDS = Symbol('troupe.hands')

const nothing = (): void => {}

/** A task that will never say anything: it stands for one that was cut off. */
export function stoppedTask(id: string): Task {
  return { kind: 'task', id, start: nothing, deliver: nothing, stop: nothing }
}

/** Keeps the place of a child that may not start yet. What is sent to it there is for the child. */
export function placeOf(id: string, standsFor: Address, deliver: Task['deliver']): Task {
  return { kind: 'task', id, standsFor, start: nothing, deliver, stop: nothing }
}

/** Makes a task that has not started. A leaf that throws while it starts has failed. */
export function createTask(facts: TaskFacts, outcome: TaskOutcome): Task {
  const { logic } = facts
  let hands: unknown
  const self = {
    id: facts.id,
    sessionId: `${facts.owner.address}/${facts.id}`,
    _parent: facts.ownerSelf,
    getSnapshot: () => snapshot,
    send: (event: MessageEvent) => task.deliver(event),
    // No getter: one of its own would cost each task a hidden class, which holds all that it sees until the next full
    // collection.
    [HANDS]: () => (hands ??= facts.hands(task)),
  }
  const system = {
    _relay(_source: unknown, target: unknown, event: MessageEvent) {
      if (target === self) advance(event)
      else if (snapshot.status === 'active') outcome.said(event)
    },
    get: () => undefined,
  }
  const scope = {
    self,
    system,
    id: facts.id,
    sessionId: self.sessionId,
    logger: () => {},
    defer: (work: () => void) => work(),
    emit: outcome.emitted,
    stopChild: () => {},
    actionExecutor: () => {},
  } as unknown as Parameters<AnyActorLogic['transition']>[2]
  let snapshot = logic.getInitialSnapshot(scope, facts.input) as AnySnapshot

  // What a leaf says of itself while it starts waits until it has: its subscription does not stand before.
  let early: MessageEvent[] | null = []

  function advance(event: MessageEvent): void {
    if (snapshot.status !== 'active') return
    if (early) {
      early.push(event)
      return
    }
    try {
      snapshot = logic.transition(snapshot, event, scope) as AnySnapshot
    } catch (error) {
      snapshot = { status: 'error', output: undefined, error }
    }
    report()
  }

  function report(): void {
    if (snapshot.status === 'done') outcome.done(task, snapshot.output)
    else if (snapshot.status === 'error') outcome.failed(task, snapshot.error)
    else if (facts.syncs && snapshot.status === 'active') outcome.snapshot(task, snapshot)
  }

  const task: Task = {
    kind: 'task',
    id: facts.id,
    start() {
      try {
        logic.start?.(snapshot as never, scope as never)
      } catch (error) {
        snapshot = { status: 'error', output: undefined, error }
      }
      const waiting = early ?? []
      early = null
      if (snapshot.status === 'active') for (const event of waiting) advance(event)
      else report()
    },
    deliver: advance,
    stop() {
      if (snapshot.status !== 'active') return
      const stopped = { status: 'stopped', output: undefined, error: undefined } as const
      try {
        logic.transition(snapshot, { type: 'xstate.stop' }, scope)
      } catch (error) {
        outcome.untidy(task, error)
      } finally {
        snapshot = stopped
      }
    },
  }

  return task
}
