import type { MessageEvent } from '../runtime/protocol/contract.ts'
import type { AgentCall, AgentChunk, AgentQuestion } from './agent.contract.ts'
import type { AgentRun } from './agent-context.ts'

/** What who streams a run gets of something that was said of it. */
export function chunksOf(run: AgentRun | null, event: MessageEvent): readonly AgentChunk[] {
  const { type, step, id, tool } = event as MessageEvent & {
    readonly step: number
    readonly id: string
    readonly tool: string
  }
  switch (type) {
    case 'agent.called': {
      const input = run?.calls.find((call) => call.id === id)?.canonical ?? ''
      return [{ type: 'called', step, id, tool, input }]
    }
    case 'agent.returned': {
      const { status, code, message } = event as unknown as AgentCall
      return [{ type: 'returned', step, id, tool, status, code, message }]
    }
    case 'agent.refused': {
      const { code, reason: message } = event as unknown as { readonly code: string; readonly reason: string }
      return [{ type: 'returned', step, id, tool, status: 'refused', code, message }]
    }
    case 'agent.asked':
      return [{ type: 'asked', question: event['question'] as AgentQuestion }]
    default:
      return []
  }
}
