import type { RequestPart } from '../machines/supervisor-context.ts'
import type { AgentAnswer, AgentFailure, AgentRequest, SupervisorAnswer } from '../machines/supervisor.contract.ts'
import { errorValue } from '../runtime/protocol/errors.ts'

/** What a supervisor's `synthesise` is given. */
export interface SynthesisScope {
  readonly request: AgentRequest
  /** In the order of the agents. There is at least one. */
  readonly answers: readonly AgentAnswer[]
  readonly failures: readonly AgentFailure[]
}

/** How a supervisor makes one answer of several. */
export interface Synthesis {
  /** Default: what most agents say; of as many, the first. */
  readonly synthesise?: (scope: SynthesisScope) => unknown
  /** Whether an answer agrees with the value. Default: it is the same, if the value is one of the answers at all. */
  readonly agrees?: (answer: AgentAnswer, value: unknown) => boolean
}

/** Makes the answer to a request of what its agents said. Never rejects. */
export async function concludeRequest(
  request: AgentRequest,
  parts: readonly RequestPart[],
  { synthesise = majority, agrees }: Synthesis,
): Promise<SupervisorAnswer> {
  const answers = parts.filter(({ status }) => status === 'answered').map(toAnswer)
  const failures = parts.filter(({ status }) => status !== 'answered').map(toFailure)
  const failed = { status: 'failed' as const, value: null, answers, dissent: [], failures }
  if (answers.length === 0) return { ...failed, reason: 'no agent answered' }
  try {
    const value = await synthesise({ request, answers, failures })
    const dissent = answers.filter(agrees ? (answer) => !agrees(answer, value) : differsFrom(value, answers))
    const status = failures.length > 0 ? 'partial' : 'answered'
    const reason = failures.length > 0 ? failures.map(({ agent, reason }) => `${agent}: ${reason}`).join('; ') : null
    return { status, value, reason, answers, dissent: dissent.map(({ agent }) => agent), failures }
  } catch (error) {
    return { ...failed, reason: `the synthesis failed: ${errorValue(error).message}` }
  }
}

function majority({ answers }: SynthesisScope): unknown {
  const votes = new Map<string, { readonly value: unknown; count: number }>()
  for (const { value } of answers) {
    const key = canonical(value)
    const entry = votes.get(key) ?? { value, count: 0 }
    entry.count++
    votes.set(key, entry)
  }
  let best: { readonly value: unknown; count: number } | null = null
  for (const entry of votes.values()) if (!best || entry.count > best.count) best = entry
  return best?.value
}

// A value that no agent gave is made of all of them: nobody dissents from a report.
function differsFrom(value: unknown, answers: readonly AgentAnswer[]): (answer: AgentAnswer) => boolean {
  const key = canonical(value)
  const isOneOfThem = answers.some((answer) => canonical(answer.value) === key)
  return (answer) => isOneOfThem && canonical(answer.value) !== key
}

// The order of keys says nothing.
function canonical(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) as string | undefined
  return text ?? 'undefined'
}

function toAnswer({ agent, value, degraded = null }: RequestPart): AgentAnswer {
  return { agent, value, degraded }
}

function toFailure({ agent, status, reason = 'it gave no reason' }: RequestPart): AgentFailure {
  return { agent, status: status === 'timed_out' || status === 'overloaded' ? status : 'failed', reason }
}
