import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import { asTroupeError, errorValue, TroupeError } from '../protocol/errors.ts'
import { effectId } from '../protocol/ids.ts'
import { type ActionRequest, requestOf } from '../protocol/message-actions.ts'
import { narrow } from '../protocol/principal.ts'
import type { Cell, Delivery } from './cell.ts'
import { type SpawnParams, spawnChild, stopChild } from './children.ts'
import { inEffectOrder } from './effect-order.ts'
import { emitEvent } from './emit.ts'
import type { Kernel } from './kernel.ts'
import { answerAsk, chunkAsk, refuseAsk } from './replies.ts'
import { linkEnd, relay } from './relay.ts'
import { sendMessage } from './route.ts'
import type { ActionObject } from './step.ts'
import { cancelTimer, setTimer } from './timers.ts'
import { unwatch, watch } from './watch.ts'

const INLINE = new Set(['actions', 'entry', 'exit', '(anonymous)'])

/** Throws for a step that asks for what cannot be done: better before the commit than after. */
export function assertCommittable(cell: Cell, actions: readonly ActionObject[]): void {
  for (const { type, params } of actions) {
    if (type === 'xstate.raise' || type === 'xstate.sendTo') {
      const { delay, event } = params as RaiseParams
      if (Number.isNaN(delay)) throw badDelay(cell, event.type)
    }
    if (type !== 'xstate.spawnChild') continue
    const { actorRef, src, systemId } = params as SpawnParams
    if (!actorRef) throw missing(cell, `nobody provided the actor '${String(src)}'`)
    if (systemId !== undefined) throw missing(cell, 'a child was given a systemId')
  }
}

/** Carries out the effects of a commit, in order. One that fails is reported and does not keep the others back. */
export function performEffects(
  kernel: Kernel,
  cell: Cell,
  listed: readonly ActionObject[],
  delivery: Delivery | null,
): void {
  const actions = inEffectOrder(listed)
  for (let index = 0; index < actions.length; index++) {
    const action = actions[index] as ActionObject
    try {
      perform(kernel, cell, action, index, delivery)
      if (kernel.hub.watched) record(kernel, cell, action, index)
    } catch (error) {
      reportFailure(kernel, cell, action, index, error)
    }
  }
}

function perform(kernel: Kernel, cell: Cell, action: ActionObject, index: number, delivery: Delivery | null): void {
  switch (action.type) {
    case 'xstate.raise': {
      const { event, delay, id } = action.params as RaiseParams
      if (delay === undefined) return
      return setTimer(kernel, cell, id ?? idOf(cell, index), kernel.clock.now() + delay, 'self', event)
    }
    case 'xstate.cancel':
      return cancelTimer(kernel, cell, (action.params as { sendId: string }).sendId)
    case 'xstate.sendTo': {
      const { to, event, delay, id } = action.params as SendParams
      const end = linkEnd(cell, to)
      if (delay === undefined) return relay(kernel, cell, end, event)
      return setTimer(kernel, cell, id ?? idOf(cell, index), kernel.clock.now() + delay, end, event)
    }
    case 'xstate.spawnChild':
      return spawnChild(kernel, cell, action.params as SpawnParams)
    case 'xstate.stopChild':
      return stopChild(kernel, cell, action.params as { id: string } | undefined)
    case 'xstate.emit':
      return emitEvent(kernel, cell, (action.params as { event: MessageEvent }).event)
    case 'xstate.log': {
      const { label, value } = action.params as { label?: string; value: unknown }
      kernel.hub.record({ kind: 'log', address: cell.address, value, ...(label === undefined ? {} : { label }) })
      return
    }
    default: {
      const request = requestOf(action.exec, action.info, action.params)
      if (request) fulfil(kernel, cell, request, delivery)
      else runCustom(kernel, cell, action, index)
    }
  }
}

interface RaiseParams {
  readonly event: MessageEvent
  readonly delay: number | undefined
  readonly id: string | undefined
}

interface SendParams extends RaiseParams {
  readonly to: unknown
}

function fulfil(kernel: Kernel, cell: Cell, request: ActionRequest, delivery: Delivery | null): void {
  switch (request.kind) {
    case 'reply':
      return answerAsk(kernel, cell, askFor(request, delivery), request.value)
    case 'refuse':
      return refuseAsk(cell, askFor(request, delivery), request.reason, request.code)
    case 'chunk':
      return chunkAsk(kernel, cell, askFor(request, delivery), request.value)
    case 'announce':
      return announceAll(kernel, cell, request.events)
    case 'tell': {
      const cause = delivery?.principal ?? cell.principal
      const { grants } = cell.policies
      sendMessage(kernel, {
        to: request.to,
        from: cell.address,
        seq: ++cell.seq,
        event: request.event,
        principal: grants ? narrow(cause, grants) : cause,
      }).catch(() => {
        // The dead letters have it, with its reason: nobody waits here.
      })
      return
    }
    case 'watch':
      return watch(kernel, cell, request.target)
    case 'unwatch':
      return unwatch(kernel, cell, request.target)
  }
}

// An event that a chart raises or copies does not carry the ask's mark; what it leads to still answers the message.
function askFor(request: { readonly ask: string | undefined }, delivery: Delivery | null): string | undefined {
  return request.ask ?? delivery?.ask?.id
}

// One that the contract does not promise must not silence the others.
function announceAll(kernel: Kernel, cell: Cell, events: readonly MessageEvent[]): void {
  let failure: unknown
  for (const event of events) {
    try {
      emitEvent(kernel, cell, event)
    } catch (error) {
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
}

function runCustom(kernel: Kernel, cell: Cell, action: ActionObject, index: number): void {
  const outcome = action.exec?.(action.info, action.params)
  if (outcome instanceof Promise) outcome.catch((error: unknown) => reportFailure(kernel, cell, action, index, error))
}

// Made only for who looks: a transition without a viewer or a nameless timer needs none.
function idOf(cell: Cell, index: number): string {
  return effectId(cell.address, cell.commits, index)
}

function record(kernel: Kernel, cell: Cell, action: ActionObject, index: number): void {
  kernel.hub.record({ kind: 'effect', address: cell.address, id: idOf(cell, index), effect: action.type })
}

function reportFailure(kernel: Kernel, cell: Cell, action: ActionObject, index: number, thrown: unknown): void {
  const { address } = cell
  const cause = asTroupeError(thrown, 'CRASHED')
  // XState names an inline action after the property that holds it, which tells nobody anything.
  const name = INLINE.has(action.type) ? 'an inline action' : `the effect '${action.type}'`
  const error = new TroupeError(cause.code, `${name} of ${address} failed: ${cause.message}`, {
    where: address,
    cause: thrown,
  })
  kernel.hub.record({ kind: 'effect', address, id: idOf(cell, index), effect: action.type, error: errorValue(error) })
  kernel.deadLetters.add({ to: address as Address, from: address, event: { type: action.type }, error })
}

function badDelay(cell: Cell, type: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${cell.address} delays '${type}' by NaN milliseconds`, {
    where: cell.address,
    hint: 'let the delay return a number',
  })
}

function missing(cell: Cell, what: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${cell.address}: ${what}`, {
    where: cell.address,
    hint: 'give it in setup({ actors }) or machine.provide({ actors }), and find actors by address',
  })
}
