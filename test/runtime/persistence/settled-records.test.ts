import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bringUp } from '../../../runtime/persistence/bring-up.ts'
import { defineContract } from '../../../runtime/protocol/contract.ts'
import { atWork, deployed, oneToTwo, onItsWay, putAway } from './migration-record.ts'
import { brought, chart, moveTo, NOW, obstacles, written } from './ticket-versions.ts'

describe('what is at work in a record of an earlier version', () => {
  const invoking = { initial: 'open', states: { open: { invoke: { id: 'job', src: 'work' } }, waiting: {} } }
  const busy = written({
    snapshot: { value: 'open', children: { job: { src: 'work', syncs: false } } },
    tasks: [atWork('job', 'work')],
    wake: 0,
  })

  it('goes on where the state it is in still invokes it', () => {
    const after = brought(busy, invoking)
    expect(after.tasks).toEqual(busy.tasks)
    expect(after.snapshot.children).toEqual(busy.snapshot.children)
    expect(after.wake).toBe(0)
  })

  it('is not left behind by a migration that leaves its state', () => {
    expect(obstacles(busy, invoking, moveTo('waiting'))).toMatchObject([{ kind: 'task', name: 'job' }])
  })

  it('is not run by other logic under its id', () => {
    const other = { initial: 'open', states: { open: { invoke: { id: 'job', src: 'part' } } } }
    expect(obstacles(busy, other)).toMatchObject([{ kind: 'task', name: 'job' }])
    const renamed = { actors: { work: 'part' } }
    expect(obstacles(busy, other, { renamed })).toMatchObject([{ kind: 'task', fault: /of another kind/ }])
  })

  it('needs its logic under its name, or a new name', () => {
    const gone = written({
      snapshot: { value: 'open', children: { job: { src: 'former', syncs: false } } },
      tasks: [atWork('job', 'former')],
    })
    const [obstacle] = obstacles(gone, invoking)
    expect(obstacle).toMatchObject({ kind: 'task', name: 'job', fault: /its logic 'former' is gone/ })
    expect(obstacle?.hint).toContain('renamed.actors')
    const after = brought(gone, invoking, { renamed: { actors: { former: 'work' } } })
    expect(after.tasks).toMatchObject([{ id: 'job', src: 'work', key: 'realm/ticket/t-1:7:0', input: { n: 1 } }])
    expect(after.snapshot.children).toEqual({ job: { src: 'work', syncs: false } })
  })

  it('takes the new id of the chart', () => {
    const other = { initial: 'open', states: { open: { invoke: { id: 'task', src: 'work' } } } }
    expect(obstacles(busy, other)).toMatchObject([{ kind: 'invoke', name: 'task' }])
    const after = brought(busy, other, { renamed: { children: { job: 'task' } } })
    expect(after.tasks.map(({ id }) => id)).toEqual(['task'])
    expect(Object.keys(after.snapshot.children ?? {})).toEqual(['task'])
  })

  it('follows a state that is renamed by the id that XState gave it', () => {
    const anonymous = written({
      snapshot: { value: 'open', children: { '0.ticket.open': { src: 'work', syncs: false } } },
      tasks: [atWork('0.ticket.open', 'work')],
    })
    const renamedChart = { initial: 'ready', states: { ready: { invoke: { src: 'work' } } } }
    const after = brought(anonymous, renamedChart, { renamed: { states: { open: 'ready' } } })
    expect(after.snapshot.value).toBe('ready')
    expect(after.tasks.map(({ id }) => id)).toEqual(['0.ticket.ready'])
    expect(obstacles(anonymous, renamedChart, moveTo('ready'))).toMatchObject([{ kind: 'task' }, { kind: 'invoke' }])
  })

  it('may be a spawned child, which no state invokes', () => {
    const address = 'realm/ticket--part/t-1/p' as never
    const parent = written({
      snapshot: { value: 'open', children: { p: { src: 'part', syncs: false } } },
      children: { p: address, 'realm/other/o': 'realm/other/o' as never },
    })
    const after = brought(parent, { initial: 'open', states: { open: {} } }, { renamed: { children: { p: 'q' } } })
    expect(after.children).toEqual({ q: address, 'realm/other/o': 'realm/other/o' })
    expect(after.snapshot.children).toEqual({ q: { src: 'part', syncs: false } })
    const lost = written({
      snapshot: { value: 'open', children: { p: { src: 'former', syncs: false } } },
      children: { p: address },
    })
    expect(obstacles(lost, { initial: 'open', states: { open: {} } })).toMatchObject([{ kind: 'child', name: 'p' }])
  })

  it('is no child that has ended: one whose logic is gone is forgotten', () => {
    const over = written({ snapshot: { value: 'open', children: { p: { src: 'former', syncs: false } } } })
    expect(brought(over, { initial: 'open', states: { open: {} } }).snapshot).not.toHaveProperty('children')
  })

  it('is everything that its states invoke: what nobody has started, nobody would', () => {
    const idle = written({ snapshot: { value: 'open' } })
    const [obstacle] = obstacles(idle, invoking)
    expect(obstacle).toMatchObject({ kind: 'invoke', name: 'job', fault: /'ticket.open' invokes 'job' now/ })
    expect(brought(idle, invoking, moveTo('waiting')).snapshot.value).toBe('waiting')
  })

  it('is not merged under one name', () => {
    const two = written({
      snapshot: { value: 'open', children: { a: { src: 'work', syncs: false }, b: { src: 'work', syncs: false } } },
      tasks: [atWork('a', 'work'), atWork('b', 'work')],
    })
    const renamed = { children: { a: 'b' } }
    expect(obstacles(two, { initial: 'open', states: { open: {} } }, { renamed })).toMatchObject([
      { kind: 'migration', fault: /two things one name/ },
    ])
  })
})

describe('the messages in a record of an earlier version', () => {
  const taking = (...types: string[]) => ({
    initial: 'open',
    states: { open: {}, waiting: { on: Object.fromEntries(types.map((type) => [type, {}])) } },
  })
  const stashed = written({ snapshot: { value: 'open' }, stash: [putAway('ticket.close', { by: 'ann' })] })

  it('that were put away are kept where some state takes them', () => {
    for (const type of ['ticket.close', 'ticket.*', '*', 'ticket.close.*']) {
      const after = brought(stashed, taking(type))
      expect(after.stash).toEqual(stashed.stash)
      expect(after.wake).toBe(0)
    }
    for (const type of ['ticket.open', 'tick.*', 'close.*']) {
      expect(obstacles(stashed, taking(type))).toMatchObject([{ kind: 'event', name: 'ticket.close' }])
    }
  })

  it('that were put away must fit the contract of the new version', () => {
    const fits = defineContract({ messages: { 'ticket.close': { fields: z.object({ by: z.string() }) } } })
    const strict = defineContract({ messages: { 'ticket.close': { fields: z.object({ by: z.number() }) } } })
    expect(obstacles(stashed, taking('*'), {}, fits)).toEqual([])
    const [obstacle] = obstacles(stashed, taking('*'), {}, strict)
    expect(obstacle).toMatchObject({ kind: 'event', name: 'ticket.close', fault: /the contract refuses: by/ })
  })

  it('that are on their way to others go out as they are; those to itself must be taken', () => {
    const sending = written({
      snapshot: { value: 'open' },
      outbox: [onItsWay('realm/mail/m', 'mail.send'), onItsWay('realm/ticket/t-1', 'ticket.check')],
      wake: 0,
    })
    expect(obstacles(sending, taking('other'))).toMatchObject([{ kind: 'event', name: 'ticket.check' }])
    expect(brought(sending, taking('ticket.check'))).toMatchObject({ outbox: sending.outbox, wake: 0 })
  })
})

describe('what history states of an earlier version remember', () => {
  const config = {
    initial: 'open',
    states: { open: { initial: 'b', states: { b: {}, past: { type: 'history' } } }, waiting: {} },
  }
  const remembering = written({ snapshot: { value: 'waiting', history: { 'ticket.open.past': ['ticket.open.a'] } } })

  it('must exist, have a new name, or be left out by the migration', () => {
    expect(obstacles(remembering, config)).toMatchObject([{ kind: 'history', name: 'ticket.open.a' }])
    const renamed = brought(remembering, config, { renamed: { states: { 'open.a': 'b' } } })
    expect(renamed.snapshot.history).toEqual({ 'ticket.open.past': ['ticket.open.b'] })
    const forgotten = brought(remembering, config, { migrate: (state) => ({ ...state, history: {} }) })
    expect(forgotten.snapshot).not.toHaveProperty('history')
  })

  it('stays when the migration says nothing of it', () => {
    const known = written({ snapshot: { value: 'waiting', history: { 'ticket.open.past': ['ticket.open.b'] } } })
    expect(brought(known, config, moveTo('waiting')).snapshot.history).toEqual(known.snapshot.history)
  })
})

describe('a record with several faults', () => {
  it('is refused with all of them', () => {
    const record = written({
      snapshot: { value: 'open', children: { j: { src: 'former', syncs: false } } },
      tasks: [atWork('j', 'former')],
      stash: [putAway('lost')],
    })
    const attempt = () =>
      bringUp(record, deployed(chart({ initial: 'open', states: { open: {} } }), '2', [oneToTwo()]), NOW)
    expect(attempt).toThrow(/\(and 1 more\)/)
    expect(attempt).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ obstacles: expect.any(Array) }) }),
    )
  })
})
