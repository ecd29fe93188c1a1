import { createMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { bringUp } from '../../../runtime/persistence/bring-up.ts'
import type { Migration } from '../../../runtime/persistence/migration.ts'
import { deployed, oneToTwo } from './migration-record.ts'
import { brought, chart, moveTo, NOW, obstacles, timer, written } from './ticket-versions.ts'

describe('the timers of a record of an earlier version', () => {
  const after = (delay: number | string) => `xstate.after.${delay}.ticket.open`
  const delayed = (delays: object) => ({ initial: 'open', states: { open: { after: delays }, waiting: {} } })
  const late = written({ snapshot: { value: 'open' }, timers: [timer(after(100), 500)], wake: 500 })

  it('keep their due times where the delay is the same', () => {
    expect(brought(late, delayed({ 100: 'waiting', patience: 'waiting' }))).toMatchObject({
      timers: late.timers,
      wake: 500,
    })
  })

  it('are refused where the record stays in a state whose delay is gone, until it is said that the delays begin anew', () => {
    const [obstacle] = obstacles(late, delayed({ 200: 'waiting' }))
    expect(obstacle).toMatchObject({ kind: 'timer', name: after(100) })
    expect(obstacle?.hint).toContain("begins: ['open']")
    const anew = brought(late, delayed({ 200: 'waiting', patience: 'waiting' }), { begins: ['open'] })
    expect(anew.timers).toEqual([timer(after(200), NOW + 200), timer(after('patience'), NOW + 50)])
    expect(anew.wake).toBe(NOW + 50)
  })

  it('do not fire again: a delay without a timer has passed, unless it is said to begin', () => {
    const passed = written({ snapshot: { value: 'open' } })
    expect(brought(passed, delayed({ 100: 'waiting' })).timers).toEqual([])
    expect(brought(passed, delayed({ 100: 'waiting' }), { begins: ['open'] }).timers).toHaveLength(1)
  })

  it('are dropped with the state they belong to, and begin in the state that the migration leads to', () => {
    const config = {
      initial: 'open',
      states: { open: { after: { 100: 'waiting' } }, waiting: { after: { 7: 'open' } } },
    }
    const moved = brought(late, config, moveTo('waiting'))
    expect(moved.timers).toEqual([timer('xstate.after.7.ticket.waiting', NOW + 7)])
    expect(moved.wake).toBe(NOW + 7)
  })

  it('begin by the names of the migration that says so, also when a later one renames its state', () => {
    const final = chart({ initial: 'ready', states: { ready: { after: { 9: {} } } } })
    const later: Migration = { from: '2', to: '3', renamed: { states: { open: 'ready' } }, migrate: (state) => state }
    const logic = deployed(final, '3', [oneToTwo({ begins: ['open'] }), later])
    expect(bringUp(late, logic, NOW).timers).toEqual([timer('xstate.after.9.ticket.ready', NOW + 9)])
    const gone = deployed(final, '3', [oneToTwo({ begins: ['waiting'] }), { ...later, begins: ['ready'] }])
    expect(bringUp(late, gone, NOW).timers).toHaveLength(1)
    expect(obstacles(late, delayed({ 100: 'waiting' }), { begins: ['opne'] })).toMatchObject([
      { kind: 'migration', name: 'opne' },
    ])
  })

  it('follow a state that is renamed, dots in the name of the delay and all', () => {
    const config = { initial: 'ready', states: { ready: { after: { 'a.b': 'ready', 100: 'ready' } } } }
    const named = written({ snapshot: { value: 'open' }, timers: [timer(after(100), 500), timer(after('a.b'), 600)] })
    const moved = brought(named, config, { renamed: { states: { open: 'ready' } } })
    expect(moved.timers).toEqual([
      timer('xstate.after.100.ticket.ready', 500),
      timer('xstate.after.a.b.ticket.ready', 600),
    ])
  })

  it('follow a chart that gets another id', () => {
    const machine = createMachine({ id: 'case', initial: 'open', states: { open: { after: { 100: {} } } } } as never)
    const moved = bringUp(late, deployed(machine, '2', [oneToTwo()]), NOW)
    expect(moved.timers).toEqual([timer('xstate.after.100.case.open', 500)])
  })

  it('are refused when nobody can tell to which state they belong', () => {
    const stray = written({ snapshot: { value: 'open' }, timers: [timer('xstate.after.100.custom', 5)] })
    expect(obstacles(stray, delayed({}))).toMatchObject([{ kind: 'timer', name: 'xstate.after.100.custom' }])
  })

  it('begin by a length that follows from the context, or not at all', () => {
    const config = delayed({ ofContext: 'waiting' })
    const rich = written({ snapshot: { value: 'open', context: { wait: 9 } } })
    expect(brought(rich, config, { begins: ['open'] }).timers).toMatchObject([{ due: NOW + 9 }])
    const poor = written({ snapshot: { value: 'open' } })
    expect(obstacles(poor, config, { begins: ['open'] })).toMatchObject([{ kind: 'timer', name: 'ofContext' }])
  })

  it('bring messages that some state takes, under their new names', () => {
    const reminded = written({
      snapshot: { value: 'open' },
      timers: [timer('r', 5, 'ticket.remind'), timer('p', 9, 'x', 'parent')],
    })
    expect(obstacles(reminded, delayed({}))).toMatchObject([{ kind: 'event', name: 'ticket.remind' }])
    const config = { initial: 'open', states: { open: {}, waiting: { on: { 'ticket.nudge': {} } } } }
    const moved = brought(reminded, config, { renamed: { events: { 'ticket.remind': 'ticket.nudge' } } })
    expect(moved.timers).toEqual([timer('r', 5, 'ticket.nudge'), timer('p', 9, 'x', 'parent')])
  })
})
