import type { BreakerOutcome, breakerContract, BreakerState, BreakerView } from '../machines/breaker.contract.ts'
import { tripsBreaker } from '../machines/breaker-changes.ts'
import type { FailureCategory } from '../machines/model-failure.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import type { InputArgumentOf } from '../runtime/protocol/contract.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { type BreakerOptions, breakerSettingsOf } from './breaker-options.ts'
import { breaker } from './breaker.ts'
import { callFailure } from './classify-failure.ts'
import { checkHost, checkKey } from './host-check.ts'
import { checkOptions } from './option-kinds.ts'
import { ownerOf, shareActor } from './shared-actor.ts'

/** A breaker as its callers use it. */
export interface Breaker {
  readonly ref: Ref<typeof breakerContract>
  /** As far as this client knows. */
  readonly state: BreakerState
  /** A pass for one call: at once while it is closed. Throws or rejects UNAVAILABLE when no call may be made. */
  admit(): BreakerPass | Promise<BreakerPass>
  /** Does the work, if it may be done, and tells what became of it. */
  run<T>(work: () => Promise<T> | T): Promise<T>
  /** Closes it, and forgets what it has counted. Needs the grant `breaker.manage`. */
  reset(): Promise<void>
  /** Stops listening to it; others go on. Whoever calls through it then asks the breaker itself. */
  close(): void
}

/**
 * The right to make one call, and the duty to tell what became of it. The first that is told counts. Telling never
 * rejects: a breaker out of reach does not turn an answer into a failure.
 */
export interface BreakerPass {
  succeeded(): void | Promise<void>
  failed(category: FailureCategory): void | Promise<void>
  /** The call was not made. */
  abandon(): void
}

// A breaker on another node that does not answer must not hold calls up for long.
const REACH = { timeout: 5_000 }

// Until it has said how it stands, whoever calls asks it.
const UNKNOWN: BreakerView = {
  state: 'half-open',
  life: '',
  seq: -1,
  until: null,
  failures: 0,
  successes: 0,
  free: Infinity,
}

interface PassState {
  /** The permit's name; null for a pass that a closed breaker gave. */
  readonly call: string | null
  readonly seq: number
  settled: boolean
}

/**
 * Makes or finds the breaker of a key. While it is closed, a call that goes well costs no message: this client hears of
 * every change. Rejects with INVALID_MESSAGE for options that cannot be.
 *
 * @example
 * const breaker = await createBreaker(runtime, { key: 'openai', ...BREAKER_PRESETS.openai })
 * const answer = await breaker.run(() => fetchAnswer(question))
 */
export async function createBreaker(host: ActorHost, options: BreakerOptions): Promise<Breaker> {
  checkHost(host, 'createBreaker')
  checkOptions({ options }, 'createBreaker', { options: 'record' }, ['options'])
  const settings = breakerSettingsOf(options)
  checkKey(options.key, 'breaker.key')
  const { key } = options
  const holder = ownerOf(host)
  let mirror: BreakerView = UNKNOWN
  let isLeft = false
  let asking = 0
  let life: string | null = null

  const input = (): InputArgumentOf<typeof breakerContract> => ({ ...settings, life: host.random.id() })
  const shared = await shareActor(host, breaker, { key, input }, async (ref) => {
    // A new actor counts from the beginning.
    mirror = UNKNOWN
    const stop = ref.on('breaker.changed', learn)
    const view = await ref.ask({ type: 'breaker.join', settings })
    life = view.life
    learn(view)
    return stop
  })

  // Events and replies may cross; the higher number is the later, and another life begins with lower ones.
  function learn(view: BreakerView): void {
    if (!isLeft && (view.life !== mirror.life || view.seq > mirror.seq)) mirror = view
  }

  function hear(view: BreakerView): void {
    learn(view)
    // Another has replaced the actor that was listened to: of this one nothing would be heard.
    if (!isLeft && view.life !== life) shared.meetAgain().catch(() => {})
  }

  async function report(call: string, seq: number, outcome: BreakerOutcome): Promise<void> {
    const { life: known } = mirror
    const tell = async (of: number): Promise<BreakerView> => {
      const message = { type: 'breaker.report', call, seq: of, outcome, at: host.clock.now() } as const
      const view = await shared.use((ref) => ref.ask(message, REACH))
      hear(view)
      return view
    }
    try {
      const view = await tell(seq)
      // One that was replaced meanwhile numbers its changes anew; how the other side is has not changed with it.
      if (view.life !== known && view.state === 'closed' && tripsBreaker(outcome)) await tell(view.seq)
    } catch {
      // One failure is not counted, or one permit is back later than it could be.
    }
  }

  const passes = {
    succeeded(this: PassState): void | Promise<void> {
      return settle(this, 'succeeded')
    },
    failed(this: PassState, category: FailureCategory): void | Promise<void> {
      return settle(this, category)
    },
    abandon(this: PassState): void {
      void settle(this, 'abandoned')
    },
  }

  function settle(pass: PassState, outcome: BreakerOutcome): void | Promise<void> {
    if (pass.settled) return
    pass.settled = true
    if (pass.call !== null) return report(pass.call, pass.seq, outcome)
    // What began before the breaker changed says nothing about how it stands now.
    const isNews = isLeft || pass.seq === mirror.seq
    if (isNews && tripsBreaker(outcome)) return report(host.random.id(), pass.seq, outcome)
  }

  function passOf(call: string | null, seq: number): BreakerPass {
    const pass = Object.create(passes) as PassState & BreakerPass & { call: string | null; seq: number }
    pass.call = call
    pass.seq = seq
    pass.settled = false
    return pass
  }

  async function askForPermit(): Promise<BreakerPass> {
    const call = host.random.id()
    asking++
    const admission = await shared
      .use((ref) => ref.ask({ type: 'breaker.admit', call, holder }, REACH))
      .finally(() => asking--)
    hear(admission)
    if (!admission.admitted) throw refusal(admission)
    return passOf(admission.state === 'closed' ? null : call, admission.seq)
  }

  function refusal({ state, until }: BreakerView): TroupeError {
    const why = state === 'open' ? 'is open' : 'is half-open, and no permit is free'
    const wait = until === null ? 0 : Math.max(0, until - host.clock.now())
    return new TroupeError('UNAVAILABLE', `the breaker '${key}' ${why}`, {
      where: shared.ref.address,
      hint: until === null ? 'try again when the call under way has ended' : `it tries again in ${wait} ms`,
      data: { breaker: key, until },
    })
  }

  function admit(): BreakerPass | Promise<BreakerPass> {
    if (mirror.state === 'closed') return passOf(null, mirror.seq)
    if (mirror.until !== null && host.clock.now() < mirror.until) throw refusal(mirror)
    // Those who ask already get what is free: a crowd before a half-open breaker is no flood of messages.
    if (asking >= Math.max(1, mirror.free)) throw refusal(mirror)
    return askForPermit()
  }

  return {
    get ref() {
      return shared.ref
    },
    get state() {
      return mirror.state
    },
    admit,
    async run(work) {
      const admitted = admit()
      const pass = admitted instanceof Promise ? await admitted : admitted
      let value
      try {
        value = await work()
      } catch (thrown) {
        await pass.failed(callFailure(thrown).category)
        throw thrown
      }
      const told = pass.succeeded()
      if (told) await told
      return value
    },
    async reset() {
      hear(await shared.use((ref) => ref.ask({ type: 'breaker.reset' })))
    },
    close() {
      isLeft = true
      mirror = UNKNOWN
      shared.leave()
    },
  }
}
