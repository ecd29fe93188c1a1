import type { BenchCase } from '../bench-case.ts'

/** What an agent's loop costs beside its model: five turns, four tool calls, the model and the tool answer at once. */
export const agentLoop: BenchCase = {
  unit: 'us',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../troupe/troupe-agent-loop.ts')).troupeAgentLoop(),
    ai: async () => (await import('../peers/ai-agent-loop.ts')).aiAgentLoop(),
  },
  // Both compile themselves for seconds before they are at their pace.
  warmUps: 12,
  rows: [{ metric: 'CPU of 5 turns, 4 tool calls', of: 'troupe', against: 'ai', target: { ratioAtMost: 0.8 } }],
}
