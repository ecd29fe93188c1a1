import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { errorValue } from '../../runtime/protocol/errors.ts'
import { policyFields } from '../../runtime/supervision/policy-fields.ts'
import type { FaultAnswer, FaultFrame } from './fault-answer.ts'
import { chatFrames } from './fault-chat.ts'
import { errorBody, errorEvent } from './fault-errors.ts'
import { messagesFrames } from './fault-messages.ts'
import { apiOf, bodyOf, type FaultApi, type FaultRequest, requestFault } from './fault-request.ts'
import { responsesFrames } from './fault-responses.ts'
import { assertFaultAnswer } from './script-answer.ts'

/** What makes a fault server. */
export interface FaultServerOptions {
  /** The answers, one for each request to a model in their order, or what makes them. */
  readonly answers?: readonly FaultAnswer[] | ((request: FaultRequest) => FaultAnswer)
  /** Models that refuse a temperature. By the Messages API all do. */
  readonly unsampled?: readonly string[]
  /** The tokens that the count endpoints tell. Default 42. */
  readonly count?: number
  /** What other paths answer, as JSON: `/v1/models` for instance. A number is a status. */
  readonly paths?: Readonly<Record<string, unknown>>
}

/** A server on this machine that speaks the APIs of OpenAI and Anthropic, and fails as it is told to. */
export interface FaultServer {
  /** Its address, as the SDK of Anthropic takes it. */
  readonly url: string
  /** Its address with `/v1`, as the SDK of OpenAI takes it. */
  readonly baseURL: string
  /** All requests so far. */
  readonly requests: readonly FaultRequest[]
  /** How many sockets were opened. */
  readonly sockets: number
  /** Closes every socket. */
  stop(): Promise<void>
}

/** Waits some milliseconds, or until the server stops. */
type Pause = (time: number) => Promise<void>

const SSE = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

/**
 * Starts a server that answers as models do, over real HTTP, with the faults that real ones have: stalls, lost sockets,
 * errors in the middle of a stream, any status. It refuses what the real APIs refuse.
 *
 * @example
 * const server = await createFaultServer({ answers: [{ status: 529 }, { text: ['Good ', 'morning'], stallAfter: 1 }] })
 * const provider = openai({ apiKey: 'key', baseURL: server.baseURL })
 */
export async function createFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  policyFields(options, 'createFaultServer', ['answers', 'unsampled', 'count', 'paths'])
  const { answers = [], unsampled = [], count = 42, paths = {} } = options
  if (typeof answers !== 'function') {
    for (const [at, answer] of answers.entries()) assertFaultAnswer(answer, `createFaultServer.answers.${at}`)
  }
  const requests: FaultRequest[] = []
  let asked = 0
  let sockets = 0
  const stopped = new AbortController()
  const pause: Pause = (time) => wait(time, undefined, { signal: stopped.signal })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const api = apiOf(path)
    const body = await bodyOf(request)
    const seen = recorded(request, response, { index: requests.length, path, api, body })
    requests.push(seen)
    if (path in paths) return json(response, paths[path])
    if (api === null) return other(response, path, count)
    const fault = requestFault(api, body, unsampled)
    if (fault) return error(response, api, { status: 400, error: fault })
    const answer = typeof answers === 'function' ? answers(seen) : answers[asked++]
    if (!answer) {
      const message = `the script has ${answers.length} answers, and this is request ${asked}`
      return error(response, api, { status: 400, error: { code: 'script_over', message } })
    }
    const wrong = typeof answers === 'function' ? faultIn(answer, seen.index) : null
    if (wrong !== null) return error(response, api, { status: 400, error: { code: 'script_wrong', message: wrong } })
    await reply(response, seen, api, answer)
  }

  async function reply(
    response: ServerResponse,
    seen: FaultRequest,
    api: FaultApi,
    answer: FaultAnswer,
  ): Promise<void> {
    if (answer.headerDelay !== undefined) await pause(answer.headerDelay)
    if (answer.hangUp) return lose(response, pause)
    if (answer.body !== undefined) {
      response
        .writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...headersOf(answer) })
        .end(answer.body)
      return
    }
    if (answer.status !== undefined) return error(response, api, answer)
    response.writeHead(200, { ...SSE, ...headersOf(answer), 'x-request-id': 'req_fault', 'request-id': 'req_fault' })
    response.flushHeaders()
    if (answer.firstDelay !== undefined) await pause(answer.firstDelay)
    await play(response, api, answer, framesOf(api, answer, seen), pause)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  server.on('connection', () => sockets++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    baseURL: `${url}/v1`,
    requests,
    get sockets() {
      return sockets
    },
    stop() {
      stopped.abort()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

// What is wrong with an answer that was made for a request: whoever asked is told.
function faultIn(answer: FaultAnswer, index: number): string | null {
  try {
    assertFaultAnswer(answer, `createFaultServer.answers(${index})`)
    return null
  } catch (thrown) {
    return errorValue(thrown).message
  }
}

function framesOf(api: FaultApi, answer: FaultAnswer, { index, body }: FaultRequest): FaultFrame[] {
  const reply = { ...answer, id: `answer_${index}`, model: String(body?.model) }
  if (api === 'responses') return responsesFrames(reply)
  if (api === 'messages') return messagesFrames(reply)
  const asked = body?.stream_options as { readonly include_usage?: boolean } | undefined
  return chatFrames(reply, asked?.include_usage === true)
}

async function play(
  response: ServerResponse,
  api: FaultApi,
  answer: FaultAnswer,
  frames: readonly FaultFrame[],
  pause: Pause,
): Promise<void> {
  let sent = 0
  const isDue = (after: number | undefined, frame: FaultFrame, isLast: boolean): boolean =>
    after !== undefined && ((frame.isChunk && sent === after) || isLast)
  for (const [at, frame] of frames.entries()) {
    // Faults that were to come after more chunks than there are come before the end.
    const isLast = !frames.slice(at).some(({ isChunk }) => isChunk)
    if (isDue(answer.stallAfter, frame, isLast)) return
    if (isDue(answer.lostAfter, frame, isLast)) return lose(response, pause)
    if (isDue(answer.cutAfter, frame, isLast)) break
    if (isDue(answer.garbageAfter, frame, isLast)) await write(response, 'event: message_delta\ndata: {"oops\n\n')
    if (isDue(answer.errorAfter, frame, isLast)) {
      await write(response, errorEvent(api, answer))
      break
    }
    if (frame.isChunk && sent > 0 && answer.gap !== undefined) await pause(answer.gap)
    if (frame.isChunk) sent++
    await write(response, frame.text)
  }
  response.end()
}

// What was written must have left before the socket goes.
async function lose(response: ServerResponse, pause: Pause): Promise<void> {
  await pause(5)
  response.destroy(new Error('the socket was to be lost'))
}

async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed) return
  await new Promise<void>((resolve) => response.write(text, () => resolve()))
}

function other(response: ServerResponse, path: string, count: number): void {
  if (path === '/v1/messages/count_tokens') return json(response, { input_tokens: count })
  if (path === '/v1/responses/input_tokens')
    return json(response, { object: 'response.input_tokens', input_tokens: count })
  json(response, path === '/v1/models' ? { object: 'list', data: [], has_more: false } : 404)
}

function json(response: ServerResponse, value: unknown): void {
  const status = typeof value === 'number' ? value : 200
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(typeof value === 'number' ? errorBody(null, status) : value))
}

function error(response: ServerResponse, api: FaultApi, answer: FaultAnswer & { readonly status?: number }): void {
  const status = answer.status ?? 500
  response.writeHead(status, { 'content-type': 'application/json', ...headersOf(answer) })
  response.end(JSON.stringify(errorBody(api, status, answer.error)))
}

function headersOf({ headers = {}, retryAfter }: FaultAnswer): Record<string, string> {
  if (retryAfter === undefined) return { ...headers }
  const value = typeof retryAfter === 'number' ? String(retryAfter) : retryAfter.toUTCString()
  return { ...headers, 'retry-after': value }
}

function recorded(
  { method = '', headers }: IncomingMessage,
  response: ServerResponse,
  seen: Pick<FaultRequest, 'index' | 'path' | 'api' | 'body'>,
): FaultRequest {
  let closedByClient = false
  response.on('error', () => {})
  const ended = new Promise<boolean>((resolve) => {
    response.on('close', () => {
      // Where the server itself lost the socket, it said so by an error.
      closedByClient = !response.writableFinished && !response.errored
      resolve(closedByClient)
    })
  })
  return {
    ...seen,
    method,
    headers,
    at: Date.now(),
    get closedByClient() {
      return closedByClient
    },
    ended,
  }
}
