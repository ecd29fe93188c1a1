import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { ActorRecord, SnapshotRecord, TimerRecord } from '../protocol/record.ts'

/** New names, by the old ones. A record holds such names of what is under way. */
export interface Renames {
  /** New keys of states, by their old paths: `{ 'open.waiting': 'pending' }`. */
  readonly states?: Readonly<Record<string, string>>
  /** Ids of what was invoked or spawned. */
  readonly children?: Readonly<Record<string, string>>
  /** Names among the machine's actors. */
  readonly actors?: Readonly<Record<string, string>>
  /** Types of messages that are put away or due later. */
  readonly events?: Readonly<Record<string, string>>
}

/** The record with the new names, everywhere that it refers to its own chart by name. The ids of the chart go from `id` to `newId`. */
export function renameRecord(record: ActorRecord, renames: Renames, id: string, newId: string): ActorRecord {
  const { actors = {}, events = {}, states = {} } = renames
  const stateId = (old: string): string => renameStateId(old, states, id, newId)
  const childId = (old: string): string => renamed(renames.children, old) ?? defaultChildId(old, stateId)
  const event = (old: MessageEvent): MessageEvent => {
    const type = renamed(events, old.type) ?? eventType(old.type, stateId, childId)
    return type === old.type ? old : { ...old, type }
  }
  const src = (old: string): string => renamed(actors, old) ?? old
  const isOwn = (name: string): boolean => Object.hasOwn(record.snapshot.children ?? {}, name)
  return {
    ...record,
    snapshot: renameSnapshot(record.snapshot, { states, stateId, childId, src }),
    timers: record.timers.map((timer) => renameTimer(timer, stateId, childId, event)),
    tasks: record.tasks.map((task) => ({ ...task, id: childId(task.id), src: src(task.src) })),
    stash: record.stash.map((message) => ({ ...message, event: event(message.event) })),
    children: entries<Address>(record.children, (name) => (isOwn(name) ? childId(name) : name)),
  }
}

interface Names {
  readonly states: Readonly<Record<string, string>>
  readonly stateId: (old: string) => string
  readonly childId: (old: string) => string
  readonly src: (old: string) => string
}

function renameSnapshot(snapshot: SnapshotRecord, { states, stateId, childId, src }: Names): SnapshotRecord {
  const { value, history, children } = snapshot
  return {
    ...snapshot,
    ...(value === undefined ? {} : { value: renameValue(value, states, '') }),
    ...(history ? { history: entries(history, stateId, (ids) => ids.map(stateId)) } : {}),
    ...(children ? { children: entries(children, childId, (child) => ({ ...child, src: src(child.src) })) } : {}),
  }
}

function renameValue(value: unknown, states: Readonly<Record<string, string>>, above: string): unknown {
  if (typeof value === 'string') return renamed(states, above + value) ?? value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      renamed(states, above + key) ?? key,
      renameValue(inner, states, `${above}${key}.`),
    ]),
  )
}

/** The new path of a state: each key on it may have a new name. */
export function renamePath(path: string, states: Readonly<Record<string, string>> = {}): string {
  const keys = path.split('.')
  return keys.map((key, index) => renamed(states, keys.slice(0, index + 1).join('.')) ?? key).join('.')
}

// An id that the author gave a state does not contain the chart's id and its path; that one stays.
function renameStateId(old: string, states: Readonly<Record<string, string>>, id: string, newId: string): string {
  if (old === id) return newId
  return old.startsWith(`${id}.`) ? `${newId}.${renamePath(old.slice(id.length + 1), states)}` : old
}

const DEFAULT_CHILD = /^(\d+\.)(.+)$/

// XState names an invoked child that has no id after its state.
function defaultChildId(old: string, stateId: (old: string) => string): string {
  return old.replace(DEFAULT_CHILD, (_, place: string, state: string) => place + stateId(state))
}

function renameTimer(
  timer: TimerRecord,
  stateId: (old: string) => string,
  childId: (old: string) => string,
  event: (old: MessageEvent) => MessageEvent,
): TimerRecord {
  const { id, to } = timer
  if (to === 'self') return { ...timer, id: afterName(id, stateId) ?? id, event: event(timer.event) }
  return typeof to === 'object' && 'child' in to ? { ...timer, to: { child: childId(to.child) } } : timer
}

const AFTER = 'xstate.after.'

// The name of a delay may contain dots as well: the state's id is the longest end of the name that has a new one.
function afterName(name: string, stateId: (old: string) => string): string | undefined {
  if (!name.startsWith(AFTER)) return undefined
  for (let dot = name.indexOf('.', AFTER.length); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const state = name.slice(dot + 1)
    const newState = stateId(state)
    if (newState !== state) return name.slice(0, dot + 1) + newState
  }
  return undefined
}

const ACTOR_EVENT = /^(xstate\.(?:done\.actor|error\.actor|snapshot)\.)(.+)$/

// The events that XState and the runtime make up from names.
function eventType(type: string, stateId: (old: string) => string, childId: (old: string) => string): string {
  const [, start, child] = ACTOR_EVENT.exec(type) ?? []
  return start && child ? start + childId(child) : (afterName(type, stateId) ?? type)
}

function renamed(names: Readonly<Record<string, string>> | undefined, old: string): string | undefined {
  return names && Object.hasOwn(names, old) ? names[old] : undefined
}

function entries<T>(
  record: Readonly<Record<string, T>>,
  name: (key: string) => string,
  value: (item: T) => T = (item) => item,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [name(key), value(item)]))
}
