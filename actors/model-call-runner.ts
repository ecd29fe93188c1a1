import type { AnyActorLogic } from 'xstate'
import { z } from 'zod'
import type { AttemptOutcome, ModelCallContext, OpenAttempt } from '../machines/model-call-context.ts'
import type { CallCommand, CallReport } from '../machines/model-call.machine.ts'
import type { ModelRequest } from '../machines/model-request.ts'
import type { RankedModel } from '../machines/model-choice.ts'
import { tokensOf } from '../machines/model-usage.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import { errorValue, isTroupeError } from '../runtime/protocol/errors.ts'
import type { BreakerPass } from './breaker-client.ts'
import type { Limiter, LimiterGrant } from './limiter-client.ts'
import { type CallAccount, openAccount } from './model-call-account.ts'
import { type CallGates, createCallGates } from './model-call-gates.ts'
import type { ModelCallParts } from './model-call-parts.ts'
import { type AttemptCommand, chargeOf, isUnderWay, mishap, openedBy } from './model-call-reports.ts'
import { reserveAttempt } from './model-call-reserve.ts'
import { createCallSpeech } from './model-call-speech.ts'
import { doubtedAttempt, streamAttempt } from './model-call-stream.ts'
import { type StructuredOutput, structuredOutput } from './models/structured-output.ts'

/** What an attempt holds while it is under way. */
interface Admission {
  readonly pass: BreakerPass | null
  readonly limiter: Limiter | null
  readonly grant: LimiterGrant | null
}

// Beyond its deadline an attempt has settled, or nobody will settle it.
const SETTLING_TIME = 120_000

/**
 * The hands of a model call: they reserve, admit, stream and settle one attempt at a time, as the chart commands. When the
 * call is no longer wanted they take back what is under way, and settle what it has used.
 */
export function modelCallRunner(parts: ModelCallParts): AnyActorLogic {
  return fromService<CallCommand, undefined>((service) => {
    const { key } = parseAddress(service.owner)
    const caller = parts.callers.find(service.clock, key)
    const gates: CallGates = caller?.gates ?? createCallGates(service, parts)
    const speech = createCallSpeech(service)
    const isDurable = parts.durability === 'durable'
    let account: CallAccount | null | undefined
    let output: StructuredOutput<unknown> | null | undefined
    let admission: Admission | null = null
    let working: Promise<CallReport> | null = null
    let latest: ModelCallContext | null = null
    let last: CallReport | null = null
    let isWanted = true
    // Cuts off what waits or streams.
    let cut: (() => void) | null = null

    // A durable call keeps its name in its next life. Any other has one life, and whoever has its key later is another call.
    const name = isDurable ? service.idempotencyKey : `${service.idempotencyKey}:${service.random.id()}`
    // A reservation that was cut off is made again: the same if it is estimated the same, or else another one.
    const nameOf = (attempt: number, { model, inputTokens, outputTokens, costNanoUsd }: RankedModel): string =>
      `${name}#${attempt}.${model}.${inputTokens}+${outputTokens}.${costNanoUsd}`

    function accountOf({ input }: ModelCallContext): CallAccount | null {
      if (account !== undefined || !input.budget) return (account ??= null)
      const ttl = (input.deadlines.total ?? parts.deadlines.total) + SETTLING_TIME
      return (account = openAccount(service, input.budget, ttl))
    }

    function outputOf({ input }: ModelCallContext): StructuredOutput<unknown> | null {
      return (output ??= caller?.output ?? schemaOf(input.request.output))
    }

    async function admit(context: ModelCallContext): Promise<CallReport> {
      const { candidate } = context.current as OpenAttempt
      const { model, provider } = candidate
      let grant: LimiterGrant | null = null
      let pass: BreakerPass | null = null
      try {
        const breaker = await gates.breaker(provider)
        const limiter = await gates.limiter({ id: model, provider })
        // Whom the breaker refuses does not have to queue before; whom it lets through may be the last it lets through.
        if (breaker && (!limiter || breaker.state !== 'closed')) pass = await breaker.admit()
        if (limiter) {
          const tokens = candidate.inputTokens + candidate.outputTokens
          const controller = new AbortController()
          cut = () => controller.abort()
          // It may have been cancelled while the breaker was asked.
          if (!isWanted) controller.abort()
          grant = await limiter.acquire({ tokens, signal: controller.signal })
          pass ??= (await breaker?.admit()) ?? null
        }
        admission = { pass, limiter, grant }
        return { type: 'attempt.admitted' }
      } catch (error) {
        grant?.release(0)
        pass?.abandon()
        const cause = isTroupeError(error, 'UNAVAILABLE') ? 'health' : 'load'
        const why = errorValue(error)
        return { type: 'attempt.barred', refused: { model, why: why.message, cause }, error: why }
      }
    }

    // True when nothing makes the attempt wait: then it is let through in the same step in which it is reserved.
    function isLetThrough({ model, provider }: RankedModel): boolean {
      const breaker = gates.breaker(provider)
      const limiter = gates.limiter({ id: model, provider })
      if (breaker instanceof Promise || limiter || (breaker && breaker.state !== 'closed')) return false
      // A closed breaker answers at once.
      const pass = breaker?.admit() ?? null
      if (pass instanceof Promise) return false
      admission = { pass, limiter: null, grant: null }
      return true
    }

    async function reserve(context: ModelCallContext): Promise<CallReport> {
      const report = await reserveAttempt({ parts, gates, account: accountOf(context), nameOf }, context)
      if (report.type !== 'call.reserved' || !isWanted) return report
      return isLetThrough(report.candidates[report.at] as RankedModel) ? { ...report, type: 'attempt.opened' } : report
    }

    async function stream(context: ModelCallContext): Promise<CallReport> {
      speech.begin()
      const tools = {
        parts,
        clock: service.clock,
        idempotencyKey: context.input.idempotencyKey ?? name,
        output: outputOf(context),
        say: speech.say,
        hearLimits: (limits: Parameters<Limiter['feed']>[0]) => admission?.limiter?.feed(limits),
      }
      const attempt = streamAttempt(tools, context)
      cut = attempt.cancel
      const outcome = await attempt.outcome
      const told = tellGates(outcome)
      if (told) await told
      speech.flush()
      return { type: 'attempt.completed', outcome, random: service.random.next() }
    }

    // Breaker and limiter learn what became of the attempt before the next one asks them.
    function tellGates({ failure, repair, usage }: AttemptOutcome): void | Promise<void> {
      const { pass, limiter, grant } = admission ?? {}
      admission = null
      grant?.release(tokensOf(usage))
      if (failure?.category === 'rate_limit' && failure.retryAfter !== null) limiter?.pause(failure.retryAfter)
      if (!failure || repair) return pass?.succeeded()
      if (failure.category === 'cancelled') return pass?.abandon()
      return pass?.failed(failure.category)
    }

    async function settle({ current }: ModelCallContext, outcome: AttemptOutcome | null): Promise<string | null> {
      const { number, candidate, held } = current ?? {}
      if (!account || !held || number === undefined || !candidate) return null
      try {
        await account.settle(nameOf(number, candidate), chargeOf(outcome))
        return null
      } catch (error) {
        return errorValue(error).message
      }
    }

    // What was under way comes to its end at once; then it is known what it has used.
    async function abort(context: ModelCallContext): Promise<CallReport> {
      accountOf(context)
      cut?.()
      const last = await working
      if (admission) {
        admission.grant?.release(0)
        admission.pass?.abandon()
        admission = null
      }
      const isOpened = last?.type === 'call.reserved' || last?.type === 'attempt.opened'
      const current = isOpened ? openedBy(last, context.number + 1) : context.current
      if (last?.type === 'attempt.settled') return { type: 'call.aborted', outcome: null, unsettled: last.unsettled }
      // After a restart nobody knows what became of an attempt that was sent.
      const lost = !last && current?.sent ? doubtedAttempt(context, service.clock.now()) : null
      const outcome = last?.type === 'attempt.completed' ? last.outcome : lost
      return { type: 'call.aborted', outcome, unsettled: await settle({ ...context, current }, outcome) }
    }

    function work({ type, context }: AttemptCommand): CallReport | Promise<CallReport> {
      switch (type) {
        case 'reserve':
          return reserve(context)
        case 'admit':
          return admit(context)
        case 'stream':
          return stream(context)
        case 'doubt': {
          const outcome = doubtedAttempt(context, service.clock.now())
          return { type: 'attempt.completed', outcome, random: service.random.next() }
        }
        case 'settle':
          return settleAttempt(context)
      }
    }

    async function settleAttempt(context: ModelCallContext): Promise<CallReport> {
      accountOf(context)
      return { type: 'attempt.settled', unsettled: await settle(context, context.current?.outcome ?? null) }
    }

    async function perform(attempt: AttemptCommand): Promise<CallReport> {
      let report: CallReport
      try {
        report = await work(attempt)
      } catch (thrown) {
        report = mishap(attempt, thrown, service.clock.now())
      }
      last = report
      if (isWanted) service.tell(report as MessageEvent)
      return report
    }

    service.receive((command) => {
      if (command.type === 'follow') return speech.follow(command.ask)
      latest = command.context
      if (command.type === 'abort') {
        isWanted = false
        void abort(command.context)
          .catch(
            (thrown: unknown): CallReport => ({
              type: 'call.aborted',
              outcome: null,
              unsettled: errorValue(thrown).message,
            }),
          )
          .then((report) => service.tell(report as MessageEvent))
        return
      }
      last = null
      working = perform(command as AttemptCommand)
    })
    return () => {
      speech.end()
      if (!caller) gates.close()
      const wasWanted = isWanted
      isWanted = false
      if (!wasWanted || !latest || !(admission || isUnderWay(last, latest))) return
      // A durable call goes on later, and settles then. For any other this is the last chance.
      if (isDurable) cut?.()
      else void abort(latest).catch(() => {})
    }
  })
}

// A call that was taken up in another process has the form of the answer as JSON, and no schema.
function schemaOf(form: ModelRequest['output']): StructuredOutput<unknown> | null {
  if (!form) return null
  try {
    return structuredOutput(z.fromJSONSchema(form.schema as never), form.name)
  } catch {
    // What cannot be checked here is checked by the caller.
    return null
  }
}
