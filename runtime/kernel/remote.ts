import type { Topic, Transport, TransportLink } from '../ports/transport.ts'
import { type Address, parseAddress } from '../protocol/address.ts'
import { decodeFrame, encodeFrame } from '../protocol/codec.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { Envelope, Frame } from '../protocol/envelope.ts'
import { errorOf, isTroupeError, TroupeError } from '../protocol/errors.ts'
import type { DownEvent } from '../protocol/message-actions.ts'
import type { Principal } from '../protocol/principal.ts'
import { messageSpec, validate } from '../protocol/validation.ts'
import { type ChunkIntake, createChunkIntake } from './chunk-intake.ts'
import type { Kernel } from './kernel.ts'
import type { RemoteDoor } from './remote-door.ts'
import { answerFrame, type Askers } from './remote-inbound.ts'
import type { AskWait, Outgoing } from './route.ts'
import { createUnderWay } from './under-way.ts'

const SEND_TIMEOUT = 10_000
const LONG = 3_600_000

/** Joins the realm over a transport: from here on actors of other nodes can be talked to, and these from there. */
export async function joinRealm(kernel: Kernel, transport: Transport): Promise<RemoteDoor> {
  const streams = new Map<string, ChunkIntake>()
  const watches = new Map<string, AbortController>()
  const underWay = createUnderWay()
  const askers: Askers = { post: (node, frame) => link.post(node, encodeFrame(frame)), open: new Map() }
  const link: TransportLink = await transport.join({
    id: kernel.node,
    realm: kernel.realm,
    types: [...kernel.registry.definitions.keys()],
    handle: (bytes) => answerFrame(kernel, bytes, askers),
    take(bytes) {
      const frame = frameOf(kernel, bytes)
      if (frame?.kind === 'chunk') streams.get(frame.ask)?.take(frame.index, frame.value)
    },
  })

  async function request(to: Address, frame: Frame, deadline: number, signal?: AbortSignal): Promise<unknown> {
    const answer = decodeFrame(await link.request(to, encodeFrame(frame), { deadline, ...(signal ? { signal } : {}) }))
    if (answer.kind === 'error') throw errorOf(answer.error)
    return answer.kind === 'reply' ? answer.value : undefined
  }

  function envelope(message: Outgoing, deadline: number, ask?: NonNullable<Envelope['ask']>): Envelope {
    const { to, from, seq, epoch = 0, event, principal } = message
    const id = `${from}:${seq}`
    return { id, to, from, event, seq, epoch, deadline, principal, ...(ask ? { ask } : {}) }
  }

  async function send(message: Outgoing): Promise<void> {
    const deadline = kernel.clock.now() + SEND_TIMEOUT
    // A durable sender sends one after the other.
    const over = message.epoch === undefined ? underWay.add(message) : undefined
    try {
      await request(message.to, { kind: 'message', envelope: envelope(message, deadline) }, deadline)
    } catch (error) {
      // A durable sender has its own copy, and knows what to do with it.
      if (message.epoch === undefined) {
        kernel.deadLetters.add({ to: message.to, from: message.from, event: message.event, error })
      }
      throw error
    } finally {
      over?.()
    }
  }

  async function ask(message: Outgoing, wait: AskWait): Promise<unknown> {
    const id = kernel.nextAskId()
    const intake = wait.chunked ? createChunkIntake(wait.chunked) : undefined
    if (intake) streams.set(id, intake)
    const signals = [wait.signal, intake?.lost].filter((signal) => signal !== undefined)
    const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
    const over = underWay.add(message)
    let cancelled: Promise<void> | undefined
    try {
      const asked = { id, node: kernel.node, stream: wait.chunked !== undefined }
      const frame: Frame = { kind: 'message', envelope: envelope(message, wait.deadline, asked) }
      const value = await request(message.to, frame, wait.deadline, signal)
      const reply = message.contract ? messageSpec(message.contract, message.event.type, message.to).reply : undefined
      return reply ? validate(reply, value, `the reply to '${message.event.type}'`, message.to) : value
    } catch (error) {
      // It may still be on the wire. What is sent after it tells when it no longer is.
      if (signal?.aborted || isTroupeError(error, 'TIMEOUT')) cancelled = cancel(message, id)
      throw intake?.lost.aborted ? chunkLost(message) : error
    } finally {
      streams.delete(id)
      if (cancelled) void cancelled.then(over)
      else over()
    }
  }

  // Resolves however it goes: should it get lost, the ask ends there at its deadline.
  async function cancel({ to, principal }: Outgoing, id: string): Promise<void> {
    const deadline = kernel.clock.now() + SEND_TIMEOUT
    await request(to, { kind: 'query', to, query: { kind: 'cancel', ask: id }, principal }, deadline).catch(() => {})
  }

  // A watch outlasts the longest request: it is asked for again until there is an end.
  async function end(watcher: Address, target: Address, signal: AbortSignal): Promise<DownEvent['reason']> {
    const principal: Principal = { id: watcher, grants: ['troupe.observe'] }
    for (;;) {
      const deadline = kernel.clock.now() + LONG
      try {
        const frame: Frame = { kind: 'query', to: target, query: { kind: 'end', deadline }, principal }
        return (await request(target, frame, deadline, signal)) as DownEvent['reason']
      } catch (error) {
        if (!isTroupeError(error, 'TIMEOUT')) return 'not_found'
      }
    }
  }

  return {
    underWay,
    send(message) {
      const sent = send(message)
      // The dead letters hold what was refused: a sender that does not await must not end the process.
      sent.catch(() => {})
      return sent
    },
    ask,
    async spawn(address, input, principal) {
      const deadline = kernel.clock.now() + SEND_TIMEOUT
      const event: MessageEvent = { type: 'troupe.spawn' }
      const from = `${kernel.realm}/client/${kernel.node}` as Address
      const message: Outgoing = { to: address, from, seq: kernel.nextSeq(), event, principal }
      const hasInput = input !== undefined
      await request(address, { kind: 'spawn', envelope: envelope(message, deadline), input, hasInput }, deadline)
    },
    query: (to, query, principal, signal) => {
      const deadline = 'deadline' in query && query.deadline ? query.deadline : kernel.clock.now() + SEND_TIMEOUT
      return request(to, { kind: 'query', to, query, principal }, deadline, signal)
    },
    watch(watcher, target, down) {
      const id = JSON.stringify([watcher, target])
      if (watches.has(id)) return
      const controller = new AbortController()
      watches.set(id, controller)
      void end(watcher, target, controller.signal).then((reason) => {
        if (watches.get(id) !== controller) return
        watches.delete(id)
        down(reason)
      })
    },
    unwatch(watcher, target) {
      const id = JSON.stringify([watcher, target])
      const controller = watches.get(id)
      watches.delete(id)
      controller?.abort()
    },
    listen: (address, type, hear) =>
      link.subscribe(topicOf(address, type), (bytes) => {
        const frame = frameOf(kernel, bytes)
        if (frame?.kind === 'event') hear(frame.event)
      }),
    emitted(address, event) {
      const frame: Frame = { kind: 'event', from: address, event }
      link.publish(topicOf(address, event.type), encodeFrame(frame)).catch((error: unknown) => {
        kernel.deadLetters.add({ to: address, from: address, event, error })
      })
    },
    claim: (address) => link.claim(address),
    release: (address) => link.release(address),
    async close() {
      for (const controller of watches.values()) controller.abort()
      watches.clear()
      await link.close()
    },
  }
}

function chunkLost({ to, event }: Outgoing): TroupeError {
  return new TroupeError('UNAVAILABLE', `a chunk of the stream '${event.type}' of ${to} was lost on its way`, {
    where: to,
    hint: 'ask again',
  })
}

function topicOf(address: Address, event: string): Topic {
  const { type, key } = parseAddress(address)
  return ['event', type, key, event]
}

// Nobody waits for an answer to it: what cannot be read is a dead letter.
function frameOf(kernel: Kernel, bytes: Uint8Array): Frame | undefined {
  try {
    return decodeFrame(bytes)
  } catch (error) {
    const node = `${kernel.realm}/node/${kernel.node}` as Address
    kernel.deadLetters.add({ to: node, from: node, event: { type: 'troupe.frame' }, error })
    return undefined
  }
}
