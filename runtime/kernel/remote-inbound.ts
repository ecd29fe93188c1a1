import { parseAddress } from '../protocol/address.ts'
import { decodeFrame, encodeFrame } from '../protocol/codec.ts'
import type { Envelope, Frame } from '../protocol/envelope.ts'
import { asTroupeError, errorValue, TroupeError } from '../protocol/errors.ts'
import { authorise } from '../protocol/principal.ts'
import { type Cell } from './cell.ts'
import { accept } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { queryGrant, queryHere } from './query.ts'
import { openAsk, unknownActor } from './route.ts'
import { spawnActor } from './spawn.ts'
import { stopping } from './stopping.ts'

/** Sends a frame to the node of whoever asked. */
export type Post = (node: string, frame: Frame) => Promise<void>

/** Answers a request of another node. What goes wrong is the answer too: nothing is thrown. */
export async function answerFrame(kernel: Kernel, bytes: Uint8Array, post: Post): Promise<Uint8Array> {
  try {
    return encodeFrame(await answer(kernel, decodeFrame(bytes), post))
  } catch (thrown) {
    return encodeFrame({ kind: 'error', error: errorValue(asTroupeError(thrown)) })
  }
}

async function answer(kernel: Kernel, frame: Frame, post: Post): Promise<Frame> {
  switch (frame.kind) {
    case 'message':
      return deliver(kernel, frame.envelope, post)
    case 'spawn':
      return spawnFor(kernel, frame)
    case 'query': {
      authorise(frame.principal, queryGrant(frame.query.kind), frame.to)
      return { kind: 'reply', value: await queryHere(kernel, frame.to, frame.query) }
    }
    default:
      throw new TroupeError('INVALID_MESSAGE', `a ${frame.kind} frame is no request`, {
        hint: 'send a message, a spawn or a query',
      })
  }
}

async function spawnFor(kernel: Kernel, frame: Frame & { kind: 'spawn' }): Promise<Frame> {
  const { type, key } = parseAddress(frame.envelope.to)
  const definition = kernel.registry.definitions.get(type)
  if (!definition)
    throw new TroupeError('NOT_FOUND', `node ${kernel.node} hosts no '${type}'`, { where: frame.envelope.to })
  await spawnActor(kernel, definition, { key, input: frame.input, principal: frame.envelope.principal })
  return { kind: 'accepted' }
}

async function deliver(kernel: Kernel, envelope: Envelope, post: Post): Promise<Frame> {
  const { to } = envelope
  if (!kernel.accepting) throw stopping(to)
  const cell = kernel.registry.cells.get(to)
  if (!cell) throw unknownActor(to)
  if (envelope.ask) return { kind: 'reply', value: await asked(kernel, cell, envelope, envelope.ask, post) }
  await new Promise<void>((resolve, reject) => {
    const waits = cell.policies.unhandled === 'reject'
    accept(kernel, cell, envelope, null, waits ? { accepted: resolve, refused: reject } : null)
    if (!waits) resolve()
  })
  return { kind: 'accepted' }
}

function asked(
  kernel: Kernel,
  cell: Cell,
  envelope: Envelope,
  { id: remoteId, node, stream }: NonNullable<Envelope['ask']>,
  post: Post,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let index = 0
    const deadline = envelope.deadline ?? kernel.clock.now()
    const ask = openAsk(
      kernel,
      envelope,
      { deadline },
      {
        answered: resolve,
        failed(error) {
          cell.asks?.delete(ask.id)
          reject(error)
        },
        chunked(value) {
          if (!stream) return
          post(node, { kind: 'chunk', ask: remoteId, index: index++, value }).catch((error: unknown) => {
            ask.fail(asTroupeError(error, 'UNAVAILABLE'))
          })
        },
      },
    )
    try {
      accept(kernel, cell, envelope, ask, null)
    } catch (error) {
      ask.fail(asTroupeError(error))
    }
  })
}
