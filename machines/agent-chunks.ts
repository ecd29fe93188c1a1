import type { MessageEvent } from '../runtime/protocol/contract.ts'
import type { AgentCallStatus, AgentChunk, AgentQuestion } from './agent.contract.ts'
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
    case 'agent.returned':
      return [{ type: 'returned', step, id, tool, status: event['status'] as AgentCallStatus }]
    case 'agent.refused':
      return [{ type: 'returned', step, id, tool, status: 'refused' }]
    case 'agent.asked':
      return [{ ...(event['question'] as AgentQuestion), type: 'asked' }]
    default:
      return []
  }
}
