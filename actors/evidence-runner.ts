import type { AnyActorLogic } from 'xstate'
import type { EvidenceInput, ReplicateOutcome } from '../machines/evidence.contract.ts'
import type { EvidenceCommand, EvidenceReport } from '../machines/evidence.machine.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import type { Address } from '../runtime/protocol/address.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import { errorValue, isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { joinBudget } from './budget-client.ts'
import {
  type AnswerForm,
  outcomeOfAnswer,
  outcomeOfFailure,
  type Replicate,
  type ReplicateScope,
} from './evidence-replicate.ts'

/** What the hands of a bundle need beside the chart's commands. */
export interface EvidenceHands {
  readonly replicate: Replicate<never>
  readonly form: AnswerForm
  /** Milliseconds for one replicate. */
  readonly replicateTimeout: number
}

interface Run {
  readonly controller: AbortController
  end(outcome: ReplicateOutcome): void
}

// So long one that is called back may take to say what it has used.
const GRACE = 1_000

/** The hands of a bundle: it runs replicates, and tells of each that was started how it ended, once. */
export function evidenceRunner({ replicate, form, replicateTimeout }: EvidenceHands): AnyActorLogic {
  return fromService<EvidenceCommand, undefined>((service) => {
    const { clock, owner } = service
    const runs = new Map<string, Run>()

    function tell(report: EvidenceReport): void {
      service.tell(report as unknown as MessageEvent)
    }

    async function open({ budget }: EvidenceInput): Promise<void> {
      try {
        const { tokens = null, nanoUsd = null } = budget ? (await joinBudget(service, budget).view()).left : {}
        tell({ type: 'bundle.opened', at: clock.now(), left: { tokens, nanoUsd } })
      } catch (thrown) {
        const message = `its budget cannot be asked: ${errorValue(thrown).message}`
        tell({ type: 'bundle.refused', at: clock.now(), reason: 'error', message })
      }
    }

    function start(id: string, { question, budget: place }: EvidenceInput): void {
      const controller = new AbortController()
      const { signal } = controller
      const timers: (() => void)[] = []
      const run: Run = {
        controller,
        end(outcome) {
          if (runs.get(id) !== run) return
          runs.delete(id)
          for (const takeBack of timers) takeBack()
          tell({ type: 'replicate.ended', id, at: clock.now(), outcome })
        },
      }
      runs.set(id, run)
      timers.push(clock.after(replicateTimeout, () => controller.abort(late(id, owner, replicateTimeout))))
      signal.addEventListener('abort', () => timers.push(clock.after(GRACE, () => run.end(outcomeOfEnd(signal)))))
      const budget = place ? joinBudget(service, place) : null
      const scope = { ...service, question, id, signal, budget, idempotencyKey: `${owner}#${id}` }
      void work(id, scope).then(run.end)
    }

    async function work(id: string, scope: ReplicateScope): Promise<ReplicateOutcome> {
      const { signal } = scope
      try {
        const answer: unknown = await replicate(Number(id.slice(1)) - 1, scope as ReplicateScope<never>)
        const outcome = await outcomeOfAnswer(answer, form)
        // What is finished is kept, late as it may be for a bundle that was called back.
        return isLate(signal) ? { ...outcomeOfEnd(signal), ...spentIn(outcome) } : outcome
      } catch (thrown) {
        const outcome = outcomeOfFailure(thrown, 'invalid', clock.now())
        return signal.aborted ? { ...outcomeOfEnd(signal), ...spentIn(outcome) } : outcome
      }
    }

    function outcomeOfEnd(signal: AbortSignal): ReplicateOutcome {
      return outcomeOfFailure(signal.reason, isLate(signal) ? 'invalid' : 'cancelled', clock.now())
    }

    service.receive((command) => {
      if (command.type === 'open') return void open(command.input)
      for (const id of command.ids) {
        if (command.type === 'start') start(id, command.input)
        else if (runs.has(id)) runs.get(id)?.controller.abort(unwanted(id, owner))
        else {
          // It was cut off with its process, and is not run again only to be called back.
          const outcome = outcomeOfFailure(unwanted(id, owner), 'cancelled', clock.now())
          tell({ type: 'replicate.ended', id, at: clock.now(), outcome })
        }
      }
    })
    return () => {
      const open = [...runs]
      runs.clear()
      for (const [id, { controller }] of open) controller.abort(unwanted(id, owner))
    }
  })
}

function spentIn({ usage, costNanoUsd, model }: ReplicateOutcome): Partial<ReplicateOutcome> {
  return { usage, costNanoUsd, model }
}

function isLate({ reason }: AbortSignal): boolean {
  return isTroupeError(reason, 'TIMEOUT')
}

function late(id: string, where: Address, ms: number): TroupeError {
  return new TroupeError('TIMEOUT', `it did not answer within ${ms} ms`, { where: `${where}#${id}` })
}

function unwanted(id: string, where: Address): TroupeError {
  return new TroupeError('CANCELLED', 'it was called back', { where: `${where}#${id}` })
}
