import { describe, expect, it } from 'vitest'
import { reviewRecord } from '../../../runtime/persistence/record-review.ts'
import type { TakeUp, Written } from '../../../runtime/persistence/take-up.ts'
import type { TimerRecord } from '../../../runtime/protocol/record.ts'
import { deployed, oneToTwo } from './migration-record.ts'
import { chart, NOW, written } from './ticket-versions.ts'

const machine = chart({ initial: 'ready', states: { ready: { after: { 50: 'late' } }, late: {} } })
const record = written({ snapshot: { value: 'open', context: { n: 1 } } })
const timer: TimerRecord = { id: 'xstate.after.50.ticket.ready', due: 7, to: 'self', event: { type: 'late' } }

function review(takeUp: TakeUp, migrations = [] as Parameters<typeof deployed>[2], version = '2') {
  return reviewRecord(record, { ...deployed(machine, version, migrations), takeUp }, NOW)
}

describe('a definition that takes up its records by itself', () => {
  it('gives state, context and timers, and no delay begins beside these', () => {
    const { record: taken, obstacles } = review(({ context }) => ({ value: 'ready', context, timers: [timer] }))
    expect(obstacles).toEqual([])
    expect(taken).toMatchObject({
      machine: { version: '2' },
      snapshot: { value: 'ready', context: { n: 1 } },
      timers: [timer],
      wake: 7,
    })
  })

  it('is given a copy of what was written, and the version that wrote it unless migrations have led here', () => {
    const seen: Written[] = []
    const takeUp: TakeUp = (given) => {
      seen.push(given)
      ;(given.context as { n: number }).n++
      return { value: 'late', context: given.context, timers: [] }
    }
    review(takeUp)
    review(takeUp, [oneToTwo({ migrate: ({ value }) => ({ value, context: { n: 10 } }) })])
    expect(seen.map(({ version, now }) => [version, now])).toEqual([
      ['1', NOW],
      [null, NOW],
    ])
    expect(seen.map(({ context }) => context)).toEqual([{ n: 2 }, { n: 11 }])
    expect(record.snapshot.context).toEqual({ n: 1 })
  })

  it('is held to its own word: what its chart cannot go on with stands in the way', () => {
    const gone: TakeUp = ({ context }) => ({ value: 'gone', context, timers: [] })
    expect(review(gone).obstacles).toMatchObject([{ kind: 'state', fault: "there is no state 'gone'" }])
    const elsewhere: TakeUp = ({ context }) => ({
      value: 'late',
      context,
      timers: [{ ...timer, id: 'xstate.after.9.ticket.late' }],
    })
    expect(review(elsewhere).obstacles).toMatchObject([{ kind: 'timer' }])
    const refused = { kind: 'step', name: 'a', fault: 'no', hint: 'do' } as const
    expect(review(() => [refused])).toEqual({ record: null, obstacles: [refused] })
  })

  it('does so for no version that its migrations do not lead from, and for no chart that changed in secret', () => {
    const takeUp: TakeUp = ({ context }) => ({ value: 'late', context, timers: [] })
    expect(review(takeUp, [oneToTwo({ from: '0' })]).obstacles).toMatchObject([{ kind: 'version', name: '1' }])
    const [obstacle] = review(takeUp, [], '1').obstacles
    expect(obstacle).toMatchObject({ kind: 'chart', hint: 'raise `version`: its records are brought up by themselves' })
  })
})
