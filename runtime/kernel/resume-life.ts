import { TroupeError } from '../protocol/errors.ts'
import type { ActorRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import { signal } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { resumeTask } from './task-resumption.ts'
import { setTimer } from './timers.ts'
import { watch } from './watch.ts'

/** What an actor was at. */
export interface UnderWay extends Pick<ActorRecord, 'timers' | 'tasks' | 'watching'> {
  /** The names of children that may have been lost. */
  readonly lost: readonly string[]
}

/** Takes up what an actor was at in the state that it goes on from. */
export function resumeLife(kernel: Kernel, cell: Cell, { timers, tasks, watching, lost }: UnderWay): void {
  for (const { id, due, to, event } of timers) setTimer(kernel, cell, id, due, to, event)
  for (const task of tasks) resumeTask(kernel, cell, task)
  for (const id of cell.ended ? [] : lost) if (isLost(cell, id)) reportLost(kernel, cell, id)
  if (tasks.length > 0) signal(kernel, cell, { type: 'troupe.resumed' }, cell.address)
  for (const target of watching) watch(kernel, cell, target)
}

// The chart has it, and nobody brought it back.
function isLost({ snapshot, children }: Cell, id: string): boolean {
  return snapshot.children?.[id] !== undefined && !children?.has(id)
}

function reportLost(kernel: Kernel, cell: Cell, id: string): void {
  const error = new TroupeError('INTERRUPTED', `the child '${id}' of ${cell.address} was lost when that was cut off`, {
    where: cell.address,
    hint: 'make it durable as well, or handle its error',
  })
  signal(kernel, cell, { type: `xstate.error.actor.${id}`, error, actorId: id }, cell.address)
}
