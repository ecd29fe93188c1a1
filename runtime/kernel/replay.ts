import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import type { DeadLetterRecord } from '../protocol/record.ts'
import type { Cell, Delivery, Origin, Receipt } from './cell.ts'
import { accept, plainError } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { isSignal } from './lifecycle.ts'
import { livingCell } from './restart-state.ts'
import { unknownActor } from './route.ts'
import type { Shard } from './shard.ts'
import type { Store } from './store.ts'

/**
 * Sends a dead letter to its actor again, on behalf of whoever sent it first. It is gone from the letters with the same
 * append that has what came of it; should that be another failure, there is a new letter. One that its actor does not come
 * to take stays.
 */
export function replayLetter(kernel: Kernel, store: Store, shard: Shard, letter: DeadLetterRecord): Promise<void> {
  const { id, to, from, event, principal } = letter
  return new Promise((resolve, reject) => {
    let over = false
    const refuse = (reason: unknown): void => {
      if (over) return
      over = true
      reject(reason as Error)
    }
    const origin: Origin = {
      settle() {
        if (over) return
        over = true
        shard.bury(id)
        shard.settled().then(resolve, reject)
      },
    }
    const receipt: Receipt = { accepted() {}, refused: (error) => refuse(untaken(letter, error)) }
    store.reach(to, (cell, error) => {
      if (!cell) return refuse(error ?? unknownActor(to))
      try {
        if (isOfItsOwn(cell, letter)) replayOwn(kernel, cell, letter, origin, receipt)
        else accept(kernel, cell, { event, from, principal, origin }, null, receipt)
      } catch (refusal) {
        refuse(refusal)
      }
    })
  })
}

/** True for what the kernel said, or the chart to itself: no contract has it. */
function isOfItsOwn({ definition }: Cell, { event, from, to }: DeadLetterRecord): boolean {
  return isSignal(event.type) || (from === to && !definition?.contract.messages.has(event.type))
}

// Such a message belongs to the moment it was said in: a later state may know it and mean something else.
function replayOwn(kernel: Kernel, cell: Cell, letter: DeadLetterRecord, origin: Origin, receipt: Receipt): void {
  const passed = outlived(cell, letter)
  if (passed) throw passed
  const owed: Delivery['owed'] = {
    holds() {
      const late = outlived(livingCell(cell), letter)
      if (late) receipt.refused(late)
      return late === null
    },
  }
  const { from } = letter
  const event = plainError(letter.event)
  kernel.queue.push({ cell, event, from, principal: cell.principal, ask: null, receipt, owed, origin })
}

/** Why a message of the chart's own has no place any more; null while it has. */
function outlived(cell: Cell, { id, to, event }: DeadLetterRecord): TroupeError | null {
  const { type } = event
  const child = typeof event['actorId'] === 'string' ? event['actorId'] : null
  const again =
    child === null
      ? [...(cell.timers?.values() ?? [])].some((timer) => timer.event.type === type)
      : cell.children?.has(child)
  const isTaken = cell.hosted.machine?.getTransitionData(cell.snapshot as never, event as never).length !== 0
  if (isTaken && !again && !type.startsWith('xstate.snapshot.')) return null
  return new TroupeError('REJECTED', `${to} has gone on since '${type}' failed: it belongs to a state that is over`, {
    where: to,
    hint: `${again ? 'what it was about is under way once more: ' : ''}drop the letter with discard('${id}')`,
  })
}

// Whatever became of its shard: before its turn came, nothing has happened.
function untaken({ id, to }: DeadLetterRecord, thrown: Error): TroupeError {
  const cause = asTroupeError(thrown)
  if (cause.code === 'REJECTED' || cause.code === 'UNAVAILABLE') return cause
  return new TroupeError(
    'UNAVAILABLE',
    `${to} left memory before it could take the dead letter ${id}: ${cause.message}`,
    {
      where: to,
      hint: 'the letter is kept: replay it again',
      cause,
    },
  )
}
