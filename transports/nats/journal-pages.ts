import type { Msg } from '@nats-io/transport-node'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import type { LogMessage } from './journal-log.ts'
import type { NatsWire } from './nats-wire.ts'

/** Where pages come from and arrive. */
export interface PageSource {
  readonly stream: string
  readonly wire: NatsWire
  readonly inbox: string
  readonly patience: number
}

/** What is to be read. */
export interface PageRequest {
  readonly subject: string
  readonly from: number
  readonly hear: (message: LogMessage) => void
}

/** How much the server sends at one request. */
const PAGE = { batch: 1_000, max_bytes: 4 << 20 } as const

/**
 * Reads the messages of a subject from a sequence on, page by page, to the end of what the server that answers has.
 * Resolves to the sequence after the last. A message lost on the way is noticed: each names the one before it.
 */
export async function readPages(source: PageSource, { subject, from, hear }: PageRequest): Promise<number> {
  const { stream, wire, inbox, patience } = source
  let page: Page | null = null
  const subscription = wire.client.subscribe(inbox, {
    callback: (error, message) => (error ? page?.fail(error.message) : page?.hear(message)),
  })
  try {
    let next = from
    for (;;) {
      page = openPage(stream, patience, hear)
      const payload = Buffer.from(JSON.stringify({ seq: Math.max(next, 1), next_by_subj: subject, ...PAGE }))
      wire.send({ subject: `$JS.API.DIRECT.GET.${stream}`, payload, reply: inbox })
      const { last, pending } = await page.ended
      if (last > 0) next = last + 1
      if (last === 0 || pending === 0) return next
    }
  } finally {
    page?.close()
    if (!subscription.isClosed()) subscription.unsubscribe()
  }
}

interface Page {
  hear(message: Msg): void
  fail(why: string): void
  /** The last sequence of the page, 0 when it is empty; and how many come after. */
  readonly ended: Promise<{ readonly last: number; readonly pending: number }>
  close(): void
}

function openPage(stream: string, patience: number, hear: PageRequest['hear']): Page {
  const { promise, resolve, reject } = Promise.withResolvers<{ last: number; pending: number }>()
  const failed = (why: string): void =>
    reject(
      new TroupeError('STORAGE', `the journal (stream ${stream}) cannot be read: ${why}`, {
        where: stream,
        hint: 'look whether the NATS servers answer',
      }),
    )
  const impatience = setTimeout(() => failed(`nothing came for ${patience} ms`), patience)
  let last = 0
  return {
    ended: promise,
    fail: failed,
    close: () => clearTimeout(impatience),
    hear(message) {
      impatience.refresh()
      const { headers, data } = message
      const code = headers?.code ?? 0
      if (code === 404) return resolve({ last: 0, pending: 0 })
      if (code === 204) {
        if (Number(headers?.get('Nats-Last-Sequence')) !== last) return failed('a message was lost on the way')
        return resolve({ last, pending: Number(headers?.get('Nats-Num-Pending')) })
      }
      if (code !== 0) return failed(code === 503 ? 'no server has it at the moment' : (headers?.description ?? ''))
      try {
        const sequence = Number(headers?.get('Nats-Sequence'))
        if (Number(headers?.get('Nats-Last-Sequence')) !== last) return failed('a message was lost on the way')
        last = sequence
        hear({ subject: headers?.get('Nats-Subject') ?? '', sequence, data })
      } catch (error) {
        reject(error)
      }
    },
  }
}
