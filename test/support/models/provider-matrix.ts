import { anthropic } from '../../../actors/models/anthropic.ts'
import { compatible } from '../../../actors/models/compatible.ts'
import type { FaultServer } from '../../../actors/models/fault-server.ts'
import type { ModelProvider } from '../../../actors/models/model-provider.ts'
import { openai } from '../../../actors/models/openai.ts'
import type { ModelRequest } from '../../../machines/model-request.ts'
import { type CallOutcome, outcomeOf } from './call-outcome.ts'

/** The key that every provider of the matrix is given, and no error may show. */
export const SECRET = 'sk-test-0123456789abcdef'

/** A way to a model over real HTTP with a real SDK. */
export type ProviderMaker = (server: Pick<FaultServer, 'url' | 'baseURL'>) => ModelProvider

/** Each provider by the API it speaks. */
export const PROVIDERS: readonly (readonly [name: string, make: ProviderMaker])[] = [
  ['OpenAI Responses', ({ baseURL }) => openai({ apiKey: SECRET, baseURL })],
  ['OpenAI Chat', ({ baseURL }) => openai({ apiKey: SECRET, baseURL, api: 'chat' })],
  ['Anthropic', ({ url }) => anthropic({ apiKey: SECRET, baseURL: url })],
  [
    'compatible',
    ({ baseURL }) =>
      compatible({
        name: 'lab',
        apiKey: SECRET,
        baseURL,
        capabilities: { form: 'json_schema', streamUsage: true, tools: true, effort: true },
      }),
  ],
]

/** A request that nothing is special about. */
export const PLAIN: ModelRequest = { messages: [{ role: 'user', content: 'Good morning' }] }

/** One call to its end. */
export function callModel(
  provider: ModelProvider,
  request: ModelRequest = PLAIN,
  signal: AbortSignal = new AbortController().signal,
): Promise<CallOutcome> {
  return outcomeOf(provider.stream('test-model', request, { signal, idempotencyKey: 'k-1' }))
}
