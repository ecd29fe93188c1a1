import type { CallDeadlines } from '../machines/model-call.contract.ts'
import type { ModelTask, PriceRates } from '../machines/model-choice.ts'
import type { ModelInfo } from '../machines/model-info.ts'
import type { RetryPolicy } from '../machines/retry-policy.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import type { ModelCallers } from './model-call-callers.ts'
import type { GateSettings } from './model-call-gates.ts'
import type { ModelProvider } from './models/model-provider.ts'
import type { PriceBook } from './price-book.ts'
import type { TokenEstimator } from './token-estimate.ts'

/** What models are called with: checked options, all filled in. */
export interface ModelCallParts extends GateSettings {
  readonly name: string
  readonly durability: ActorDurability
  readonly providers: ReadonlyMap<string, ModelProvider>
  readonly models: ReadonlyMap<string, ModelInfo>
  readonly candidates: Readonly<Partial<Record<ModelTask, readonly string[]>>>
  readonly prices: PriceBook | null
  readonly tokens: TokenEstimator
  readonly retry: RetryPolicy
  readonly deadlines: CallDeadlines
  readonly ceiling: PriceRates | null
  /** What a model may say at most where the caller does not limit it. */
  readonly outputTokens: number
  readonly callers: ModelCallers
}
