import { defineWorkflow } from '../../actors/index.ts'

/** An order in its second version: `pack` is new, between a step that orders may be in and one they have not come to. */
export const order = defineWorkflow('order', { durability: 'durable', version: '2' })
  .step('reserve', { run: () => 'reserved' })
  .step('pay', { after: ['reserve'], idempotent: true, run: () => 'paid' })
  .step('pack', { after: ['pay'], run: ({ results }) => `${results.reserve}, ${results.pay}, packed` })
  .step('ship', { after: ['pack'], run: ({ results }) => `${results.pack}, shipped` })
