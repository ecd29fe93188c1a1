import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** The API a request came by. */
export type FaultApi = 'chat' | 'responses' | 'messages'

/** One request as a fault server saw it. */
export interface FaultRequest {
  /** Its number among all requests, from 0. */
  readonly index: number
  readonly method: string
  readonly path: string
  /** The API of a model that was asked; null for any other path. */
  readonly api: FaultApi | null
  readonly headers: IncomingHttpHeaders
  /** The body as JSON; null when there was none. */
  readonly body: Readonly<Record<string, unknown>> | null
  /** Milliseconds since 1970. */
  readonly at: number
  /** True once the client closed the socket before the answer was whole. */
  readonly closedByClient: boolean
  /** Resolves when the answer is whole or the socket is closed: with whether the client closed it. */
  readonly ended: Promise<boolean>
}

const APIS: Readonly<Record<string, FaultApi>> = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/messages': 'messages',
}

/** The API that a path belongs to. */
export function apiOf(path: string): FaultApi | null {
  return APIS[path] ?? null
}

/** The body of a request as JSON; null when it is none. */
export async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown> | null> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  try {
    return JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>
  } catch {
    return null
  }
}

/** What a real provider would refuse in a request; null when it would take it. */
export function requestFault(
  api: FaultApi,
  body: Readonly<Record<string, unknown>> | null,
  unsampled: readonly string[],
): { readonly code: string; readonly message: string } | null {
  if (body === null) return { code: 'invalid_json', message: 'the body is not JSON' }
  if (body.stream !== true) return { code: 'invalid_value', message: 'this server answers in streams only' }
  const isUnsampled = api === 'messages' || unsampled.includes(String(body.model))
  if (body.temperature !== undefined && isUnsampled) {
    return {
      code: 'unsupported_parameter',
      message: "Unsupported parameter: 'temperature' is not supported with this model.",
    }
  }
  if (api === 'messages' && typeof body.max_tokens !== 'number') {
    return { code: 'missing', message: 'max_tokens: Field required' }
  }
  const misnamed = toolNames(body).find((name) => !/^[\w-]{1,64}$/.test(name))
  if (misnamed !== undefined) {
    return { code: 'invalid_value', message: `tools: '${misnamed}' does not match ^[a-zA-Z0-9_-]{1,64}$` }
  }
  const { strict, schema } = formOf(api, body)
  const fault = strict ? openObject(schema, api === 'messages', '') : null
  return fault === null ? null : { code: 'invalid_json_schema', message: `Invalid schema: ${fault}` }
}

function toolNames({ tools }: Readonly<Record<string, unknown>>): string[] {
  const list = Array.isArray(tools) ? (tools as unknown[]) : []
  return list.map((tool) => String(field(tool, 'name') ?? field(field(tool, 'function'), 'name')))
}

function formOf(
  api: FaultApi,
  body: Readonly<Record<string, unknown>>,
): { readonly strict: boolean; readonly schema: unknown } {
  const path = {
    chat: ['response_format', 'json_schema'],
    responses: ['text', 'format'],
    messages: ['output_config', 'format'],
  }[api]
  const form = path.reduce<unknown>((value, step) => field(value, step), body)
  return { strict: field(form, 'strict') === true || api === 'messages', schema: field(form, 'schema') }
}

// Strict modes demand that every object is closed, and OpenAI's that all of its fields are required.
function openObject(node: unknown, hasOptional: boolean, path: string): string | null {
  if (typeof node !== 'object' || node === null) return null
  if (field(node, 'type') === 'object') {
    if (field(node, 'additionalProperties') !== false)
      return `${path || 'the root'} must have additionalProperties: false`
    const names = Object.keys(Object(field(node, 'properties')))
    const required = (field(node, 'required') ?? []) as readonly unknown[]
    const missing = names.find((name) => !required.includes(name))
    if (!hasOptional && missing !== undefined) return `${path || 'the root'} must require ${missing}`
  }
  for (const [step, inner] of Object.entries(node)) {
    const fault = openObject(inner, hasOptional, path === '' ? step : `${path}.${step}`)
    if (fault !== null) return fault
  }
  return null
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
