import { choiceOf, cutOff, type FoundTool, lateFailure, type ToolCallContext } from '../machines/tool-call-changes.ts'
import type { ToolReport } from '../machines/tool-call.machine.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import { errorValue, TroupeError } from '../runtime/protocol/errors.ts'
import { authorise } from '../runtime/protocol/principal.ts'
import { callFailure } from './classify-failure.ts'
import type { Tool, ToolScope } from './define-tool.ts'
import type { ToolRegistry } from './tool-registry.ts'
import { validateTool } from './tool-schema.ts'

const SIGNAL = Symbol('troupe.signal')
// Who awaits `spawn` has the ref some promises later: by then it can listen, and the first notes are not lost.
const HEAD_START = 2

/** What an attempt is made with. */
interface ToolAttemptFacts {
  readonly hands: Hands
  readonly tools: ToolRegistry
  readonly context: ToolCallContext
  /** Whether it may have been made before, in a process that is gone. */
  readonly isResumed: boolean
  readonly report: (report: ToolReport) => void
}

/** One attempt of a tool call, under way. */
export interface ToolAttemptRun {
  /** The tool that is being executed; null when it has not come to that. */
  executed(): FoundTool | null
  /** Aborts it. It reports nothing any more. */
  stop(): void
}

/**
 * Makes one attempt: the input is validated, the caller's grants are held against what the tool requires, it is executed
 * until its time is over, and what it gave is checked. It ends with one report.
 */
export function makeAttempt({ hands, tools, context, isResumed, report }: ToolAttemptFacts): ToolAttemptRun {
  let found: FoundTool | null = null
  let controller: AbortController | null = null
  let isOpen = true
  let isExecuting = false
  let isStopped = false
  let isTold = false
  let takeBack: (() => void) | null = null
  let stopClock: (() => void) | null = null

  function close(): void {
    isOpen = false
    takeBack?.()
    stopClock?.()
  }

  function stop(): void {
    if (!isOpen) return
    close()
    isStopped = true
    controller?.abort()
  }

  function end(last: ToolReport): void {
    if (!isOpen) return
    close()
    try {
      report(last)
    } catch (error) {
      // A durable call cannot keep what is no plain data.
      report({ type: 'attempt.failed', tool: found as FoundTool, failure: cutOff(errorValue(error)) })
    }
  }

  function begin(): void {
    if (!isOpen || isTold) return
    isTold = true
    takeBack?.()
    report({ type: 'attempt.began', tool: found as FoundTool })
  }

  // What comes to something before IO has had its turn is told in one.
  function lasting(tool: Tool, outcome: PromiseLike<unknown>): PromiseLike<unknown> {
    if (!isTold) takeBack = hands.afterwards(begin)
    const { timeout } = tool
    if (timeout !== null) {
      stopClock = hands.clock.after(timeout, () => {
        stop()
        report({ type: 'attempt.failed', tool: found as FoundTool, failure: lateFailure('an attempt', timeout) })
      })
    }
    return outcome
  }

  const signal = (): AbortSignal => {
    controller ??= new AbortController()
    if (isStopped) controller.abort()
    return controller.signal
  }
  const progress = (note: string): void => {
    begin()
    if (isOpen) report({ type: 'attempt.noted', note })
  }

  async function run(): Promise<void> {
    let tool: Tool
    let input: unknown
    for (let turn = 0; turn < HEAD_START; turn++) await Promise.resolve()
    try {
      tool = tools.get(context.found?.key ?? choiceOf(context).tool)
      found = { key: tool.key, idempotent: tool.idempotent, retry: tool.retry, seed: hands.random.next() }
      if (isResumed && !tool.idempotent) {
        return end({ type: 'attempt.failed', tool: found, failure: cutOff(errorValue(interrupted(hands, tool))) })
      }
      input = await validateTool(tool.input, context.request.input, `the input of '${tool.key}'`, tool.key)
      for (const grant of tool.requires) authorise(hands.principal, grant, tool.key)
    } catch (error) {
      return end({ type: 'call.refused', error: errorValue(error, 'CRASHED') })
    }
    if (!isOpen) return
    isExecuting = true
    let value: unknown
    try {
      value = tool.execute(input, toolScope(tool, { hands, context, signal, progress }))
      if (isPromise(value)) value = await lasting(tool, value)
    } catch (thrown) {
      return end({ type: 'attempt.failed', tool: found, failure: callFailure(thrown, hands.clock.now()) })
    }
    stopClock?.()
    try {
      value = await validateTool(tool.output, value, `the output of '${tool.key}'`, tool.key)
    } catch (error) {
      return end({ type: 'attempt.disowned', tool: found, message: errorValue(error).message })
    }
    end({ type: 'attempt.succeeded', tool: found, value })
  }

  void run()
  return { executed: () => (isOpen && isExecuting ? found : null), stop }
}

interface Behind {
  readonly [SIGNAL]: () => AbortSignal
}

// Few tools look at the signal, and one is dear. One getter serves all scopes: each of its own would cost a hidden class.
const scopePrototype: object & ThisType<Behind> = {
  get signal() {
    return this[SIGNAL]()
  },
}

interface ScopeFacts extends Pick<ToolAttemptFacts, 'hands' | 'context'> {
  readonly signal: () => AbortSignal
  readonly progress: (note: string) => void
}

function toolScope(tool: Tool, { hands, context, signal, progress }: ScopeFacts): ToolScope {
  const { request, attempt } = context
  const { principal, clock, random, spawn, ref } = hands
  const scope: Behind & Omit<ToolScope, 'signal'> = {
    [SIGNAL]: signal,
    // One tool that takes over from another does another thing.
    idempotencyKey: `${request.idempotencyKey}:${tool.id}`,
    traceId: request.traceId,
    requestId: request.requestId,
    principal,
    deadline: request.deadline,
    attempt,
    options: { ...tool.options, ...choiceOf(context).options },
    host: { clock, random, spawn, ref },
    // Code without types may give anything, and a note is announced.
    progress: (note: unknown) => progress(typeof note === 'string' ? note : JSON.stringify(note)),
  }
  return Object.assign(Object.create(scopePrototype) as ToolScope, scope)
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'
  )
}

function interrupted({ owner }: Hands, { key }: Tool): TroupeError {
  return new TroupeError('INTERRUPTED', `'${key}' was cut off by the end of its process, and may not be repeated`, {
    where: owner,
  })
}
