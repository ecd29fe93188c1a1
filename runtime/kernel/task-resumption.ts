import type { AnyActorLogic } from 'xstate'
import { TroupeError } from '../protocol/errors.ts'
import type { TaskRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import { hostTask } from './children.ts'
import { isRestartable } from './from-service.ts'
import { realLogic } from './hosted-logic.ts'
import { signal } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { endOf } from './lifecycle.ts'
import { stoppedTask } from './tasks.ts'

/**
 * Takes up leaf work that was cut off with its process. A service lives as long as its state and starts again; other work
 * starts again only if its definition says that it may; else the chart hears that it was interrupted.
 */
export function resumeTask(kernel: Kernel, cell: Cell, record: TaskRecord): void {
  const { id, src } = record
  const logic = logicOf(cell, src)
  if (logic && (isRestartable(logic) || cell.policies.idempotent.includes(src))) {
    return hostTask(kernel, cell, record, logic)
  }
  const error = new TroupeError('INTERRUPTED', `'${src}' of ${cell.address} was cut off, and may not be repeated`, {
    where: cell.address,
    hint: `handle the error, or declare it with idempotent: ['${src}'] in its definition`,
    data: { task: id, src, key: record.key },
  })
  const task = stoppedTask(id)
  ;(cell.children ??= new Map()).set(id, task)
  const event = { type: `xstate.error.actor.${id}`, error, actorId: id }
  signal(kernel, cell, event, cell.address, endOf(cell, id, task))
}

function logicOf({ hosted }: Cell, src: string): AnyActorLogic | undefined {
  if (!hosted.machine) return hosted.source
  const logic = hosted.machine.implementations.actors[src] as AnyActorLogic | undefined
  return logic && realLogic(logic)
}
