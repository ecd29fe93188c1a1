import { createBudget, type Budget } from '../../../actors/budget-client.ts'
import { breaker } from '../../../actors/breaker.ts'
import { defineModels, type Models, type ModelsOptions } from '../../../actors/define-models.ts'
import type { FaultServer, FaultServerOptions } from '../../../actors/models/fault-server.ts'
import { openai } from '../../../actors/models/openai.ts'
import { createModels, type ModelsClient } from '../../../actors/models-client.ts'
import { priceBook } from '../../../actors/price-book.ts'
import type { BudgetLimit } from '../../../machines/budget-amount.ts'
import type { InspectionRecord, Runtime, RuntimeOptions } from '../../../runtime/index.ts'
import type { VirtualClock } from '../../../runtime/testing.ts'
import { perCharacter } from '../../actors/model-bench.ts'
import { openRuntime } from '../runtime/open-runtime.ts'
import { openFaultServer } from './open-fault-server.ts'
import { type ProviderMaker, SECRET } from './provider-matrix.ts'

type Answers = FaultServerOptions['answers']

/** The whole path from a client to the socket: a runtime, two providers with a server each, and a budget. */
export interface HttpBench {
  readonly runtime: Runtime
  readonly clock: VirtualClock
  readonly client: ModelsClient
  readonly models: Models
  readonly budget: Budget
  /** The server of the provider under test, and the one of `backup/test-model`. */
  readonly server: FaultServer
  readonly backup: FaultServer
  /** `provider/model` of the provider under test, and its provider. */
  readonly model: string
  readonly provider: string
  /** Everything that the runtime told of itself. */
  readonly records: readonly InspectionRecord[]
  /** Waits for what calls come to; time moves on whenever all calls wait for their next attempt. */
  drive<T>(outcome: Promise<T>): Promise<T>
  /** How the breaker of a provider stands. */
  breakerOf(provider: string): Promise<{ readonly state: string; readonly failures: number; readonly free: number }>
}

export interface HttpBenchOptions {
  readonly answers?: Answers
  readonly backup?: Answers
  readonly models?: Partial<ModelsOptions>
  readonly limit?: BudgetLimit
  readonly runtime?: RuntimeOptions
}

/** A USD for a thousand tokens in, two for a thousand out: a million nano-USD for each token in, and two for each out. */
const PRICE = { inputPerMillionUsd: 1_000, outputPerMillionUsd: 2_000 }

/** Opens the whole path for one provider. */
export async function openHttpBench(make: ProviderMaker, options: HttpBenchOptions = {}): Promise<HttpBench> {
  const records: InspectionRecord[] = []
  const states = new Map<string, unknown>()
  const inspect = (record: InspectionRecord): void => {
    records.push(record)
    if (!('address' in record) || !record.address.includes('/model-call/')) return
    if (record.kind === 'transition') states.set(record.address, record.value)
    if (record.kind === 'actor.started') states.set(record.address, 'reserving')
    if (record.kind === 'actor.stopped') states.delete(record.address)
  }
  const { runtime, clock } = await openRuntime({ random: steadyRandom(), inspect, ...options.runtime })
  const server = await openFaultServer({ answers: options.answers ?? [] })
  const backup = await openFaultServer({ answers: options.backup ?? [] })
  const first = make(server)
  const model = `${first.name}/test-model`
  const models = defineModels({
    providers: [first, openai({ name: 'backup', apiKey: SECRET, baseURL: backup.baseURL, api: 'chat' })],
    models: [{ id: model }, { id: 'backup/test-model' }],
    // A provider of one's own has no price: it costs nothing.
    prices: priceBook({ ...(first.free ? {} : { [model]: PRICE }), 'backup/test-model': PRICE }),
    tokens: perCharacter,
    outputTokens: 100,
    ...options.models,
  })
  const budget = await createBudget(runtime, { key: 'run', limit: options.limit ?? { tokens: 1_000_000 } })

  async function drive<T>(outcome: Promise<T>): Promise<T> {
    const over = new AbortController()
    const end = (): void => over.abort()
    outcome.then(end, end)
    // A call that hangs is to fail its test, and not to hang it.
    for (let turn = 0; !over.signal.aborted; turn++) {
      if (turn > 3_000) throw new Error(`no end in sight: ${JSON.stringify([...states])}, next alarm ${clock.next}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
      const isResting = states.size > 0 && [...states.values()].every((state) => state === 'backing_off')
      if (isResting && clock.next !== null) await clock.advance(Math.max(0, clock.next - clock.now()))
    }
    return outcome
  }

  return {
    ...{ runtime, clock, models, budget, server, backup, model, records, drive },
    provider: first.name,
    client: createModels(runtime, models, { budget }),
    breakerOf: (provider) => runtime.ref(breaker, provider).ask({ type: 'breaker.status' }),
  }
}

/** Chance that is always the same: half of what it could be. */
function steadyRandom(): { next(): number; id(): string } {
  let ids = 0
  return { next: () => 0.5, id: () => `id${++ids}` }
}
