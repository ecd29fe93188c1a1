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
import { outlives, post, type Post } from './outbox.ts'
import { linkEnd, relay } from './relay.ts'
import { sendMessage } from './route.ts'
import type { ActionObject } from './step.ts'
import { cancelTimer, setTimer } from './timers.ts'
import { unwatch, watch } from './watch.ts'

/** The effects that stay within the shard of a durable actor. */
const WITHIN = new Set(['xstate.raise', 'xstate.cancel', 'xstate.sendTo', 'xstate.spawnChild', 'xstate.stopChild'])

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
  if (cell.durable) return performDurably(kernel, cell, actions, delivery)
  for (let index = 0; index < actions.length; index++) {
    const action = actions[index] as ActionObject
    try {
      perform(kernel, cell, action, index, delivery)
      if (kernel.hub.watched) record(kernel, cell, action, idOf(cell, index))
    } catch (error) {
      reportFailure(kernel, cell, action, idOf(cell, index), error)
    }
  }
}

/**
 * What stays within the shard (timers, messages to durable actors, children) is part of the commit. The rest leaves once
 * that is durable, in its order.
 */
function performDurably(kernel: Kernel, cell: Cell, actions: readonly ActionObject[], delivery: Delivery | null): void {
  const leaving: (() => void)[] = []
  const commit = cell.commits
  for (const [index, action] of actions.entries()) {
    const id = effectId(cell.address, commit, index)
    const attempt = (effect: () => void): void => {
      try {
        effect()
        if (kernel.hub.watched) record(kernel, cell, action, id)
      } catch (error) {
        reportFailure(kernel, cell, action, id, error)
      }
    }
    if (WITHIN.has(action.type)) {
      attempt(() => perform(kernel, cell, action, index, delivery))
      continue
    }
    const request = requestOf(action.exec, action.info, action.params)
    const effect = request
      ? (): void => fulfil(kernel, cell, request, delivery)
      : (): void => perform(kernel, cell, action, index, delivery)
    if (request && isWithin(request)) attempt(effect)
    else leaving.push(() => attempt(effect))
  }
  if (leaving.length > 0) cell.durable?.shard.hold(() => leaving.forEach((leave) => leave()))
}

function isWithin({ kind }: ActionRequest): boolean {
  return kind === 'tell' || kind === 'watch' || kind === 'unwatch'
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
      return tell(kernel, cell, { ...request, principal: grants ? narrow(cause, grants) : cause })
    }
    case 'watch':
      return watch(kernel, cell, request.target)
    case 'unwatch':
      return unwatch(kernel, cell, request.target)
  }
}

function tell(kernel: Kernel, cell: Cell, { to, event, principal }: Post): void {
  const send = (): void => {
    sendMessage(kernel, { to, from: cell.address, seq: ++cell.seq, event, principal }).catch(() => {
      // The dead letters have it, with its reason: nobody waits here.
    })
  }
  if (!cell.durable) return send()
  // To one that forgets, once is all that can be promised.
  if (outlives(kernel, to)) post(kernel, cell, { to, event, principal })
  else cell.durable.shard.hold(send)
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
  if (!(outcome instanceof Promise)) return
  const id = idOf(cell, index)
  outcome.catch((error: unknown) => reportFailure(kernel, cell, action, id, error))
}

// Made only for who looks: a transition without a viewer or a nameless timer needs none.
function idOf(cell: Cell, index: number): string {
  return effectId(cell.address, cell.commits, index)
}

function record(kernel: Kernel, cell: Cell, action: ActionObject, id: string): void {
  kernel.hub.record({ kind: 'effect', address: cell.address, id, effect: action.type })
}

function reportFailure(kernel: Kernel, cell: Cell, action: ActionObject, id: string, thrown: unknown): void {
  const { address } = cell
  const cause = asTroupeError(thrown, 'CRASHED')
  // XState names an inline action after the property that holds it, which tells nobody anything.
  const name = INLINE.has(action.type) ? 'an inline action' : `the effect '${action.type}'`
  const error = new TroupeError(cause.code, `${name} of ${address} failed: ${cause.message}`, {
    where: address,
    cause: thrown,
  })
  kernel.hub.record({ kind: 'effect', address, id, effect: action.type, error: errorValue(error) })
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
