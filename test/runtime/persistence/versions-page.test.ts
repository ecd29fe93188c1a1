import { createMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { bringUp } from '../../../runtime/persistence/bring-up.ts'
import { recordOfVersion } from './migration-record.ts'
import { ticket } from './versioned-ticket.ts'

const first = createMachine({
  id: 'ticket',
  initial: 'open',
  states: { open: { on: { 'ticket.ask': 'asking' } }, asking: { on: { 'ticket.answer': 'open' } } },
})

describe('the example of the page on versions', () => {
  it('does what the page says', () => {
    const record = recordOfVersion(first, '1', { snapshot: { value: 'asking', context: { asked: 2 } } })
    const { type, stamp, source } = ticket.hosted
    const { contract, policies } = ticket
    const after = bringUp(record, { type, stamp, source, contract, migrations: policies.migrations }, 1_000)
    expect(after.snapshot).toMatchObject({ value: 'waiting', context: { owner: null, asked: 2 } })
    expect(after.timers).toMatchObject([
      { id: 'xstate.after.patience.ticket.waiting', due: 1_000 + 3 * 24 * 3_600_000 },
    ])
  })
})
