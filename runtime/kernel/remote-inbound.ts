import { type Address, parseAddress } from '../protocol/address.ts'
import { decodeFrame, encodeFrame } from '../protocol/codec.ts'
import type { Envelope, Frame } from '../protocol/envelope.ts'
import { asTroupeError, type ErrorValue, errorValue, TroupeError } from '../protocol/errors.ts'
import { authorise } from '../protocol/principal.ts'
import type { Ask } from './asks.ts'
import type { Cell } from './cell.ts'
import { accept } from './inbound.ts'
import { type DurableState, isSeen, markSeen } from './durable-state.ts'
import type { Kernel } from './kernel.ts'
import { answerQuery, queryGrant } from './query.ts'
import { openAsk, unknownActor } from './route.ts'
import { spawnActor } from './spawn.ts'
import { stopping } from './stopping.ts'

/** The way back to the nodes that ask here. */
export interface Askers {
  /** Sends a frame to the node of whoever asked. */
  post(node: string, frame: Frame): Promise<void>
  /** Their open asks, by the ids they gave them. */
  readonly open: Map<string, Ask>
}

/** Answers a request of another node. What goes wrong is the answer too: nothing is thrown. */
export async function answerFrame(kernel: Kernel, bytes: Uint8Array, askers: Askers): Promise<Uint8Array> {
  try {
    return encodeFrame(await answer(kernel, decodeFrame(bytes), askers))
  } catch (thrown) {
    return encodeError(errorValue(asTroupeError(thrown)))
  }
}

// Whatever an author hangs on an error must not keep the error itself from its receiver.
function encodeError(error: ErrorValue): Uint8Array {
  try {
    return encodeFrame({ kind: 'error', error })
  } catch {
    const { data: _, ...facts } = error
    return encodeFrame({ kind: 'error', error: facts })
  }
}

async function answer(kernel: Kernel, frame: Frame, askers: Askers): Promise<Frame> {
  switch (frame.kind) {
    case 'message':
      return deliver(kernel, frame.envelope, askers)
    case 'spawn':
      return spawnFor(kernel, frame)
    case 'query': {
      if (frame.query.kind === 'cancel') return cancelAsk(askers, frame.query.ask)
      authorise(frame.principal, queryGrant(frame.query.kind), frame.to)
      return { kind: 'reply', value: await answerQuery(kernel, frame.to, frame.query) }
    }
    default:
      throw new TroupeError('INVALID_MESSAGE', `a ${frame.kind} frame is no request`, {
        hint: 'send a message, a spawn or a query',
      })
  }
}

// Who knows the id of an ask is who asked: nodes make them unguessable.
function cancelAsk(askers: Askers, id: string): Frame {
  const ask = askers.open.get(id)
  ask?.fail(new TroupeError('CANCELLED', `the ask '${ask.type}' was aborted`))
  return { kind: 'accepted' }
}

async function spawnFor(kernel: Kernel, frame: Frame & { kind: 'spawn' }): Promise<Frame> {
  const { type, key } = parseAddress(frame.envelope.to)
  const definition = kernel.registry.definitions.get(type)
  if (!definition)
    throw new TroupeError('NOT_FOUND', `node ${kernel.node} hosts no '${type}'`, { where: frame.envelope.to })
  await spawnActor(kernel, definition, { key, input: frame.input, principal: frame.envelope.principal })
  return { kind: 'accepted' }
}

async function deliver(kernel: Kernel, envelope: Envelope, askers: Askers): Promise<Frame> {
  const { to } = envelope
  if (!kernel.accepting) throw stopping(to)
  const cell = kernel.registry.cells.get(to) ?? (await reached(kernel, to))
  if (!cell) {
    const { from, epoch, seq } = envelope
    if (epoch > 0 && (await kernel.store?.tookBefore(to, from, { epoch, seq }))) return { kind: 'accepted' }
    throw unknownActor(to)
  }
  // In the same breath as it enters the mailbox: from here on its sender's next message may go by memory.
  kernel.remote?.underWay.arrived(envelope)
  if (envelope.ask) return { kind: 'reply', value: await asked(kernel, cell, envelope, envelope.ask, askers) }
  if (envelope.epoch > 0 && cell.durable) {
    await takeOnce(kernel, cell, cell.durable, envelope)
    return { kind: 'accepted' }
  }
  await new Promise<void>((resolve, reject) => {
    const waits = cell.policies.unhandled === 'reject' || cell.durable !== null
    accept(kernel, cell, envelope, null, waits ? { accepted: resolve, refused: reject } : null)
    if (!waits) resolve()
  })
  return { kind: 'accepted' }
}

function reached(kernel: Kernel, to: Address): Promise<Cell | undefined> {
  const { store } = kernel
  if (!store?.isHome(to)) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    store.reach(to, (cell, error) => (error ? reject(error) : resolve(cell)))
  })
}

/** Takes a message that its sender sends again until it is acknowledged. Resolves when what came of it is durable. */
async function takeOnce(kernel: Kernel, cell: Cell, durable: DurableState, envelope: Envelope): Promise<void> {
  const { from, epoch, seq } = envelope
  const id = `${from}:${epoch}:${seq}`
  if (!isSeen(durable, from, { epoch, seq })) {
    await (durable.arriving.get(id) ?? take(kernel, cell, durable, envelope, id))
  }
  try {
    await durable.shard.settled()
  } catch (cause) {
    throw new TroupeError('UNAVAILABLE', `the shard of ${cell.address} was lost before it had the message`, {
      where: cell.address,
      hint: 'send it again: it is taken once',
      cause,
    })
  }
}

async function take(
  kernel: Kernel,
  cell: Cell,
  durable: DurableState,
  { from, epoch, seq, event, principal }: Envelope,
  id: string,
): Promise<void> {
  const taken = new Promise<void>((resolve) => {
    const settle = (): void => {
      markSeen(durable, from, { epoch, seq })
      durable.shard.touch(cell)
      resolve()
    }
    accept(kernel, cell, { event, from, principal, origin: { settle } }, null, null)
  })
  durable.arriving.set(id, taken)
  try {
    await taken
  } finally {
    durable.arriving.delete(id)
  }
}

function asked(
  kernel: Kernel,
  cell: Cell,
  envelope: Envelope,
  { id: remoteId, node, stream }: NonNullable<Envelope['ask']>,
  askers: Askers,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let index = 0
    const deadline = envelope.deadline ?? kernel.clock.now()
    const ask = openAsk(
      kernel,
      envelope,
      { deadline },
      {
        // As the actor gave it: the asker's own contract makes of it what a local asker would get.
        answered(_value, given) {
          askers.open.delete(remoteId)
          resolve(given)
        },
        failed(error) {
          askers.open.delete(remoteId)
          cell.asks?.delete(ask.id)
          reject(error)
        },
        chunked(value) {
          if (!stream) return
          askers.post(node, { kind: 'chunk', ask: remoteId, index: index++, value }).catch((error: unknown) => {
            ask.fail(asTroupeError(error, 'UNAVAILABLE'))
          })
        },
      },
    )
    askers.open.set(remoteId, ask)
    try {
      accept(kernel, cell, envelope, ask, null)
    } catch (error) {
      ask.fail(asTroupeError(error))
    }
  })
}
