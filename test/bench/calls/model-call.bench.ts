import type { BenchCase } from '../bench-case.ts'

/** What one model call costs beside the model: one after another, without and with a budget. Five make an agent's loop. */
export const modelCall: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../troupe/troupe-model-call.ts')).troupeModelCall(false),
    'troupe, paid': async () => (await import('../troupe/troupe-model-call.ts')).troupeModelCall(true),
  },
  rows: [
    { metric: 'model call, no budget', of: 'troupe', target: {} },
    { metric: 'model call, budget', of: 'troupe, paid', target: {} },
  ],
}
