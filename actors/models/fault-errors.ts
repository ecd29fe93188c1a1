import type { FaultAnswer, FaultError } from './fault-answer.ts'
import type { FaultApi } from './fault-request.ts'

/** How providers name the error of a status: OpenAI's type and code, Anthropic's type. */
const NAMES: Readonly<Record<number, readonly [type: string, code: string | null, anthropic: string]>> = {
  400: ['invalid_request_error', null, 'invalid_request_error'],
  401: ['invalid_request_error', 'invalid_api_key', 'authentication_error'],
  402: ['billing_error', 'billing_hard_limit_reached', 'billing_error'],
  403: ['permission_error', null, 'permission_error'],
  404: ['invalid_request_error', 'model_not_found', 'not_found_error'],
  408: ['timeout_error', null, 'timeout_error'],
  409: ['conflict_error', null, 'conflict_error'],
  413: ['invalid_request_error', 'request_too_large', 'request_too_large'],
  422: ['invalid_request_error', null, 'invalid_request_error'],
  429: ['requests', 'rate_limit_exceeded', 'rate_limit_error'],
  500: ['server_error', null, 'api_error'],
  502: ['server_error', null, 'api_error'],
  503: ['server_error', 'service_unavailable', 'overloaded_error'],
  504: ['server_error', null, 'timeout_error'],
  529: ['server_error', 'overloaded', 'overloaded_error'],
}

/** The body of an error as the API words it. */
export function errorBody(api: FaultApi | null, status: number, error: FaultError = {}): object {
  const [type, code, anthropic] = NAMES[status] ?? ['server_error', null, 'api_error']
  const message = error.message ?? `the server was told to answer ${status}`
  if (api === 'messages') {
    return { type: 'error', error: { type: error.type ?? error.code ?? anthropic, message }, request_id: 'req_fault' }
  }
  return { error: { message, type: error.type ?? type, code: error.code ?? code, param: null } }
}

/** An error in the middle of a stream, as the API words it. */
export function errorEvent(api: FaultApi, { error = {} }: FaultAnswer): string {
  const body = errorBody(api, 500, { type: 'overloaded_error', message: 'Overloaded', ...error })
  if (api === 'chat') return `data: ${JSON.stringify(body)}\n\n`
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`
}
