import type { Address } from '../protocol/address.ts'
import type {
  AskableOf,
  ChunkOf,
  Contract,
  EmittedOf,
  MessageEvent,
  OutputOf,
  ReplyOf,
  SendableOf,
} from '../protocol/contract.ts'
import { type Duration, milliseconds } from '../protocol/duration.ts'
import type { Condition } from '../protocol/envelope.ts'
import { TroupeError } from '../protocol/errors.ts'
import { authorise, type Principal } from '../protocol/principal.ts'
import { assertEvent } from '../protocol/validation.ts'
import type { ActorDefinition } from './definition.ts'
import type { Kernel } from './kernel.ts'
import { listenTo } from './listen.ts'
import { type AboutActor, queryActor } from './query.ts'
import { createReplyStream, type ReplyStream } from './reply-stream.ts'
import { askMessage, type Outgoing, refuseMessage, sendMessage } from './route.ts'
import { stopping } from './stopping.ts'
import type { StateView } from './state-view.ts'

/** How long to wait, and what may cut it short. */
export interface WaitOptions {
  /** Default 10 s for an ask and a condition, one hour for a result. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** What one talks to an actor through. Whether it is in this process does not show. */
export interface Ref<C extends Contract = Contract> {
  readonly address: Address
  /** Sends a message. Resolves when it stands in the mailbox; rejects when it does not get there. */
  send(message: SendableOf<C>): Promise<void>
  /** Sends a message and waits for its reply. Rejects with the actor's REJECTED, or TIMEOUT, CANCELLED, CRASHED. */
  ask<M extends AskableOf<C>>(message: M, options?: WaitOptions): Promise<ReplyOf<C, M['type']>>
  /** Asks and takes the chunks as they come; `reply` is the answer at the end. */
  stream<M extends AskableOf<C>>(
    message: M,
    options?: WaitOptions,
  ): ReplyStream<ChunkOf<C, M['type']>, ReplyOf<C, M['type']>>
  /** Hears the events of a type, `'*'` for all. Call what it returns to stop. */
  on<T extends EmittedOf<C>['type']>(type: T, listener: (event: Extract<EmittedOf<C>, { type: T }>) => void): () => void
  on(type: '*', listener: (event: EmittedOf<C>) => void): () => void
  /** Its state now. */
  state(): Promise<StateView>
  /** Resolves when it is in a state, has a tag or a status. */
  waitFor(condition: Condition, options?: WaitOptions): Promise<StateView>
  /** Its output, once it is done. Rejects with CRASHED or CANCELLED when it ends otherwise. */
  result(options?: WaitOptions): Promise<OutputOf<C>>
  /** Stops it, its children first. Resolves when it is gone. */
  stop(): Promise<void>
}

/** On whose behalf a ref speaks. */
export interface Speaker {
  readonly from: Address
  readonly principal: Principal
}

interface RefState {
  readonly kernel: Kernel
  readonly definition: ActorDefinition | null
  readonly speaker: Speaker
}

const STATE = Symbol('troupe.ref')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const ASK_TIMEOUT = 10_000
const RESULT_TIMEOUT = 3_600_000

type Behind = { readonly address: Address; readonly [STATE]: RefState }

// One set of functions for all refs: a hundred thousand of them are cheap to hold.
const prototype = {
  // A log that prints a ref names the actor, and does not spill the kernel behind it.
  [INSPECT](this: Behind) {
    return `ref ${this.address}`
  },
  send(this: Behind, message: MessageEvent) {
    const { kernel } = this[STATE]
    const out = outgoing(this, message)
    return kernel.accepting ? sendMessage(kernel, out) : refuseMessage(kernel, out, stopping(this.address))
  },
  async ask(this: Behind, message: MessageEvent, options: WaitOptions = {}) {
    const { kernel } = this[STATE]
    assertAskable(this, message)
    const deadline = deadlineOf(kernel, options, ASK_TIMEOUT)
    return askMessage(kernel, outgoing(this, message), { deadline, signal: options.signal })
  },
  stream(this: Behind, message: MessageEvent, options: WaitOptions = {}) {
    const { kernel } = this[STATE]
    assertAskable(this, message)
    const deadline = deadlineOf(kernel, options, ASK_TIMEOUT)
    return createReplyStream(options.signal, (signal, chunked) =>
      askMessage(kernel, outgoing(this, message), { deadline, signal, chunked }),
    )
  },
  on(this: Behind, type: string, listener: (event: MessageEvent) => void) {
    const { kernel, speaker } = this[STATE]
    authorise(speaker.principal, 'troupe.observe', this.address)
    return listenTo(kernel, this.address, type, listener)
  },
  state(this: Behind) {
    return query(this, { kind: 'state' })
  },
  async waitFor(this: Behind, condition: Condition, options: WaitOptions = {}) {
    assertCondition(condition, this.address)
    const deadline = deadlineOf(this[STATE].kernel, options, ASK_TIMEOUT)
    return query(this, { kind: 'wait', for: condition, deadline }, options.signal)
  },
  async result(this: Behind, options: WaitOptions = {}) {
    const deadline = deadlineOf(this[STATE].kernel, options, RESULT_TIMEOUT)
    return query(this, { kind: 'result', deadline }, options.signal)
  },
  stop(this: Behind) {
    return query(this, { kind: 'stop' })
  },
}

/** Makes a ref. */
export function createRef<C extends Contract>(
  kernel: Kernel,
  definition: ActorDefinition<C> | null,
  address: Address,
  speaker: Speaker,
): Ref<C> {
  const ref = Object.create(prototype) as { address: Address; [STATE]: RefState }
  ref.address = address
  ref[STATE] = { kernel, definition, speaker }
  return ref as unknown as Ref<C>
}

function outgoing(ref: Behind, event: MessageEvent): Outgoing {
  const { kernel, speaker, definition } = ref[STATE]
  const { from, principal } = speaker
  return { to: ref.address, from, principal, seq: kernel.nextSeq(), event, contract: definition?.contract }
}

function assertAskable(ref: Behind, message: MessageEvent): void {
  if (!ref[STATE].kernel.accepting) throw stopping(ref.address)
  assertEvent(message, ref.address)
  const spec = ref[STATE].definition?.contract.messages.get(message.type)
  if (!spec || spec.reply) return
  throw new TroupeError('INVALID_MESSAGE', `'${message.type}' has no reply and cannot be asked`, {
    where: ref.address,
    hint: 'send it, or give it a reply in the contract',
  })
}

function deadlineOf(kernel: Kernel, options: WaitOptions, standard: number): number {
  return kernel.clock.now() + (options.timeout === undefined ? standard : milliseconds(options.timeout))
}

function assertCondition(condition: unknown, where: Address): void {
  if (typeof condition === 'object' && condition !== null) {
    if ('state' in condition || 'tag' in condition || 'status' in condition) return
  }
  throw new TroupeError('INVALID_MESSAGE', 'there is nothing to wait for', {
    where,
    hint: "wait for { state: 'open' }, { tag: 'ready' } or { status: 'done' }",
  })
}

function query(ref: Behind, what: AboutActor, signal?: AbortSignal): Promise<unknown> {
  const { kernel, speaker } = ref[STATE]
  return queryActor(kernel, ref.address, what, speaker.principal, signal)
}
