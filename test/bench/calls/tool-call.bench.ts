import type { BenchCase } from '../bench-case.ts'

/** CPU time of one tool call that comes to something at once, beside that of an actor that only does the work. */
export const toolCall: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    tool: async () => (await import('../troupe/troupe-tool-call.ts')).troupeToolCall(),
    'task actor': async () => (await import('../troupe/troupe-tool-call.ts')).troupeTaskActor(),
  },
  rows: [{ metric: 'tool call, CPU', of: 'tool', against: 'task actor', target: {} }],
}
