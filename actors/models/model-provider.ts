import type { ModelChunk } from '../../machines/model-chunk.ts'
import type { ModelInfo } from '../../machines/model-info.ts'
import type { ModelRequest } from '../../machines/model-request.ts'

/** What a call is made with. */
export interface ProviderCall {
  /** Aborting it closes the socket. */
  readonly signal: AbortSignal
  /** The same for every attempt at one logical call. For APIs that honour one: those of OpenAI and Anthropic do not. */
  readonly idempotencyKey: string
}

/** A model that a provider lists; what it does not say is left out. */
export interface ListedModel extends Partial<Omit<ModelInfo, 'id' | 'provider'>> {
  readonly name: string
}

/** Whether a provider can be reached, and what stands behind the address. */
export interface ProviderHealth {
  readonly healthy: boolean
  /** Of what kind the server is, `LM Studio` for instance; null when it does not tell. */
  readonly server: string | null
  /** Why it is not healthy; null when it is. */
  readonly reason: string | null
}

/**
 * A way to models. It makes one attempt at a time and none by itself: who calls it owns retries, deadlines and budgets.
 * It throws a `TroupeError` whose `data` is a `CallFailure`.
 */
export interface ModelProvider {
  /** The first part of `provider/model`. */
  readonly name: string
  /** True where tokens without a price cost nothing, as on a server of one's own. A price that is given is charged. */
  readonly free: boolean
  stream(model: string, request: ModelRequest, call: ProviderCall): AsyncIterable<ModelChunk>
  models(signal?: AbortSignal): Promise<readonly ListedModel[]>
  health(signal?: AbortSignal): Promise<ProviderHealth>
  /** The exact number of input tokens, where the provider counts them. */
  countTokens?(model: string, request: ModelRequest, signal: AbortSignal): Promise<number>
}
