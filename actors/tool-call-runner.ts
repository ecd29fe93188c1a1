import type { AnyActorLogic } from 'xstate'
import type { ToolCallContext } from '../machines/tool-call-changes.ts'
import type { ToolCommand, ToolReport } from '../machines/tool-call.machine.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import { makeAttempt, type ToolAttemptRun } from './tool-attempt.ts'
import type { ToolRegistry } from './tool-registry.ts'

/** The hands of a tool call: they make one attempt at a time, as the chart commands, and know when its time is over. */
export function toolCallRunner(tools: ToolRegistry): AnyActorLogic {
  return fromService<ToolCommand & MessageEvent, undefined>((service) => {
    let run: ToolAttemptRun | null = null
    let stopClock: (() => void) | null = null

    function report(event: ToolReport): void {
      service.tell(event as MessageEvent)
    }

    // A call that is taken up again has no more time than it had.
    function watchTime({ type, context }: ToolCommand): void {
      if (stopClock) return
      const { timeout, deadline } = context.request
      const left = type === 'execute' ? timeout : Math.max(0, deadline - service.clock.now())
      stopClock = service.clock.after(left, () => {
        const tool = run?.executed() ?? null
        run?.stop()
        report({ type: 'call.expired', tool })
      })
    }

    function start(context: ToolCallContext, isResumed: boolean): void {
      run = makeAttempt({ hands: service, tools, context, isResumed, report })
    }

    service.receive((command) => {
      watchTime(command)
      if (command.type !== 'wait') start(command.context, command.type === 'resume')
    })
    return () => {
      stopClock?.()
      run?.stop()
    }
  })
}
