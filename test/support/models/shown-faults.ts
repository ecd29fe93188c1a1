import type { FaultAnswer } from '../../../actors/models/fault-answer.ts'
import type { FailureCategory } from '../../../machines/model-failure.ts'

/** What becomes of a call: the same model again and then the next, the next model at once, or the end. */
export type ShownAction = 'retry' | 'fall back' | 'fail'

/** What a server does, and what the specification wants of a call: its category, its action, and whether a breaker counts it. */
export interface ShownFault {
  readonly name: string
  readonly answer: FaultAnswer
  readonly category: FailureCategory
  readonly action: ShownAction
  readonly counts: boolean
}

type Row = readonly [name: string, answer: FaultAnswer, category: FailureCategory]

const COUNTED: readonly Row[] = [
  ['408', { status: 408 }, 'timeout'],
  ['425', { status: 425 }, 'timeout'],
  ['500', { status: 500 }, 'server_error'],
  ['500 with a body that is no JSON', { status: 500, body: '{"oops' }, 'server_error'],
  ['502 with a page for people', { status: 502, body: '<html>Bad gateway</html>' }, 'server_error'],
  ['503', { status: 503 }, 'server_error'],
  ['504', { status: 504 }, 'server_error'],
  ['520, of a proxy', { status: 520, body: 'Web server returned an unknown error' }, 'server_error'],
  ['529', { status: 529 }, 'server_error'],
  ['a socket lost before the headers', { hangUp: true }, 'network'],
  ['a socket lost in the middle', { text: ['a', 'b'], lostAfter: 1 }, 'network'],
  ['a stream that ends without its end', { text: ['a', 'b'], cutAfter: 1 }, 'network'],
  ['garbage in the middle', { text: ['a', 'b'], garbageAfter: 1 }, 'server_error'],
  ['an overload told in the middle', { text: ['a', 'b'], errorAfter: 1 }, 'server_error'],
]

const UNCOUNTED: readonly Row[] = [
  ['409', { status: 409 }, 'rate_limit'],
  ['429', { status: 429 }, 'rate_limit'],
  [
    'a rate limit told in the middle',
    { text: ['a'], errorAfter: 0, error: { type: 'rate_limit_error', message: 'slow down' } },
    'rate_limit',
  ],
]

const ELSEWHERE: readonly Row[] = [
  ['402', { status: 402 }, 'spend_limit'],
  ['429 for want of credit', { status: 429, error: { code: 'insufficient_quota' } }, 'spend_limit'],
  ['404, the model is unknown', { status: 404 }, 'not_found'],
  ['413', { status: 413 }, 'context_length'],
  ['a context that is too long', { status: 400, error: { code: 'context_length_exceeded' } }, 'context_length'],
  [
    'a prompt that is too long',
    { status: 400, error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } },
    'context_length',
  ],
  ['a filtered prompt', { status: 400, error: { code: 'content_filter', message: 'filtered' } }, 'content_filter'],
  ['a refusal', { refusal: 'I will not' }, 'refusal'],
]

const FINAL: readonly Row[] = [
  ['400', { status: 400 }, 'validation'],
  ['401', { status: 401 }, 'authentication'],
  ['403', { status: 403 }, 'permission'],
  ['422', { status: 422 }, 'validation'],
]

/** Every fault of the specification that a server can have and no deadline is needed for. */
export const SHOWN_FAULTS: readonly ShownFault[] = [
  ...rows(COUNTED, 'retry', true),
  ...rows(UNCOUNTED, 'retry', false),
  ...rows(ELSEWHERE, 'fall back', false),
  ...rows(FINAL, 'fail', false),
]

function rows(list: readonly Row[], action: ShownAction, counts: boolean): ShownFault[] {
  return list.map(([name, answer, category]) => ({ name, answer, category, action, counts }))
}
