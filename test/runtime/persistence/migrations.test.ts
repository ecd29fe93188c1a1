import { createMachine, fromTransition } from 'xstate'
import { describe, expect, it } from 'vitest'
import { bringUp } from '../../../runtime/persistence/bring-up.ts'
import { checkMigrations, type Migration, migrationPath } from '../../../runtime/persistence/migration.ts'
import type { TroupeError } from '../../../runtime/protocol/errors.ts'
import { deployed, oneToTwo, recordOfVersion } from './migration-record.ts'

const first = createMachine({ id: 'ticket', initial: 'open', states: { open: {}, closed: { type: 'final' } } })
const second = createMachine({
  id: 'ticket',
  initial: 'open',
  states: { open: {}, waiting: { initial: 'short', states: { short: {}, long: {} } }, closed: { type: 'final' } },
})

const step = (from: string, to: string, migrate: Migration['migrate'] = (state) => state): Migration => ({
  from,
  to,
  migrate,
})

function refusal(work: () => unknown): TroupeError {
  try {
    work()
  } catch (error) {
    return error as TroupeError
  }
  throw new Error('it was accepted')
}

describe('migrations', () => {
  it('are refused when they stand twice, lead nowhere, or in circles', () => {
    const faults: readonly (readonly [migrations: readonly Migration[], fault: RegExp, where: string])[] = [
      [[step('1', '2'), step('1', '2')], /stands before it/, 'ticket.migrate[1]'],
      [[step('1', '2'), step('0', '5')], /leads to '5', and nothing leads on to '2'/, 'ticket.migrate[1]'],
      [[step('2', '2')], /from '2' back to '2'/, 'ticket.migrate[0]'],
      [[step('1', '2'), step('2', '1')], /from '1' back to '1'/, 'ticket.migrate[0]'],
      [[step('2', '3'), step('3', '2')], /back/, 'ticket.migrate[0]'],
      [[{ from: '1', to: 2, migrate: () => {} } as never], /no texts/, 'ticket.migrate[0]'],
      [[{ from: '1', to: '2' } as never], /no `migrate`/, 'ticket.migrate[0]'],
    ]
    for (const [migrations, fault, where] of faults) {
      const error = refusal(() => checkMigrations(migrations, '2', 'ticket'))
      expect(error).toMatchObject({ code: 'INVALID_MESSAGE', where })
      expect(error.message).toMatch(fault)
      expect(error.hint).toBeTruthy()
    }
    expect(refusal(() => checkMigrations([], 2 as never, 'ticket')).where).toBe('ticket.version')
  })

  it('may skip versions, meet, and stand apart for child machines', () => {
    const all = [step('1', '2'), step('2', '3'), step('1', '3'), { ...step('1', '3'), of: 'ticket--audit' }]
    expect(() => checkMigrations(all, '3', 'ticket')).not.toThrow()
  })

  it('are taken by the shortest way', () => {
    const all = [step('1', '2'), step('2', '3'), step('3', '4'), step('1', '3')]
    expect(migrationPath(all, '1', '4')?.map(({ to }) => to)).toEqual(['3', '4'])
    expect(migrationPath(all, '4', '4')).toEqual([])
    expect(migrationPath(all, '4', '1')).toBeUndefined()
  })
})

describe('a record of another version', () => {
  const record = recordOfVersion(first, '1', { snapshot: { value: 'open', context: { count: 1 } } })

  it('is the record itself when version and chart are the same', () => {
    expect(bringUp(record, deployed(first, '1'), 0)).toBe(record)
  })

  it('is brought up by each migration on the way, and is itself never changed', () => {
    const before = structuredClone(record)
    const add = (n: number) =>
      step(String(n), String(n + 1), ({ value, context }) => {
        const grown = context as { count: number; seen?: number[] }
        grown.seen = [...(grown.seen ?? []), n]
        return { value, context: grown }
      })
    const after = bringUp(record, deployed(second, '4', [add(3), add(1), add(2)]), 0)
    expect(after.snapshot).toEqual({ status: 'active', value: 'open', context: { count: 1, seen: [1, 2, 3] } })
    expect(after.machine).toEqual(deployed(second, '4').stamp)
    expect(after).toMatchObject({ commit: 7, seq: 3, incarnation: 1 })
    expect(record).toEqual(before)
  })

  it('is refused when its chart changed and its version did not, and told what to write', () => {
    const error = refusal(() => bringUp(record, deployed(second, '1'), 0))
    expect(error).toMatchObject({ code: 'INCOMPATIBLE', where: 'realm/ticket/t-1' })
    expect(error.message).toContain("the chart changed and its version '1' did not")
    expect(error.hint).toContain('migrate: (state) => state')
  })

  it('is refused when no migration leads from it, with both versions and what to write', () => {
    const error = refusal(() => bringUp(record, deployed(first, '3', [step('2', '3')]), 0))
    expect(error.code).toBe('INCOMPATIBLE')
    expect(error.message).toContain("written by version '1', and no migration leads from there to '3'")
    expect(error.hint).toContain("{ from: '1', to: '3', migrate }")
    expect(error.data).toMatchObject({ from: { version: '1' }, to: { version: '3' } })
  })

  it('is refused when it is newer than what is deployed', () => {
    const newer = { ...record, machine: { ...record.machine, version: '9' } }
    const error = refusal(() => bringUp(newer, deployed(first, '2', [step('1', '2')]), 0))
    expect(error.message).toContain("written by version '9'")
    expect(error.hint).toContain('deploy the version that wrote it')
  })

  it('goes back by a migration back', () => {
    const newer = recordOfVersion(second, '2', { snapshot: { value: { waiting: 'long' } } })
    const back = step('2', '1', ({ context }) => ({ value: 'open', context }))
    expect(bringUp(newer, deployed(first, '1', [back]), 0).snapshot.value).toBe('open')
  })

  const broken: Readonly<Record<string, [migrate: Migration['migrate'], fault: RegExp]>> = {
    throws: [
      () => {
        throw new Error('no owner')
      },
      /from '1' to '2' failed: no owner/,
    ],
    'throws what is no error': [
      () => {
        // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
        throw 'text'
      },
      /failed: text/,
    ],
    'returns nothing': [() => undefined as never, /returned no state/],
    'is asynchronous': [(async () => Promise.reject(new Error('late'))) as never, /returned a promise/],
    'returns what is no data': [({ value }) => ({ value, context: { close: () => {} } }), /failed:/],
    'returns a context that is a class': [({ value }) => ({ value, context: new Map() }), /failed:/],
    'forgets the state': [({ context }) => ({ context }) as never, /the chart needs a state value/],
    'gives a state that is not there': [({ context }) => ({ value: 'gone', context }), /no state 'gone'/],
    'gives a substate that is not there': [
      ({ context }) => ({ value: { waiting: 'gone' }, context }),
      /no state 'waiting.gone'/,
    ],
    'gives a state of an object': [({ context }) => ({ value: 'constructor', context }), /no state 'constructor'/],
    'gives two states': [({ context }) => ({ value: { open: {}, waiting: 'long' }, context }), /one state at a time/],
    'gives what is no value': [({ context }) => ({ value: 7, context }), /7 is no state value/],
    'gives a final state': [({ context }) => ({ value: 'closed', context }), /a final one/],
  }
  for (const [name, [migrate, fault]] of Object.entries(broken)) {
    it(`is refused, untouched, when its migration ${name}`, () => {
      const before = structuredClone(record)
      const error = refusal(() => bringUp(record, deployed(second, '2', [oneToTwo({ migrate })]), 0))
      expect(error.code).toBe('INCOMPATIBLE')
      expect(error.message).toMatch(fault)
      expect(record).toEqual(before)
    })
  }

  it('gets the initial substates of what its new value leaves open', () => {
    const migrate: Migration['migrate'] = ({ context }) => ({ value: 'waiting', context })
    const after = bringUp(record, deployed(second, '2', [oneToTwo({ migrate })]), 0)
    expect(after.snapshot.value).toEqual({ waiting: 'short' })
  })

  it('stays as it is once it has ended: nothing will run in it', () => {
    const ended = recordOfVersion(first, '1', {
      snapshot: { status: 'done', value: 'closed' },
      ended: { at: 1, until: 2 },
    })
    expect(bringUp(ended, deployed(second, '2'), 0)).toBe(ended)
  })

  it('of transition logic has a context alone', () => {
    const logic = fromTransition((state: object) => state, {})
    const old = recordOfVersion(logic, '1', { snapshot: { context: { a: 1 } } })
    const migrate: Migration['migrate'] = ({ value, context }) => ({ value, context: { ...(context as object), b: 2 } })
    const after = bringUp(old, deployed(logic, '2', [oneToTwo({ migrate })]), 0)
    expect(after.snapshot).toEqual({ status: 'active', context: { a: 1, b: 2 } })
    const stray = oneToTwo({ migrate: ({ context }) => ({ value: 'open', context }) })
    expect(() => bringUp(old, deployed(logic, '2', [stray]), 0)).toThrow(/the logic is no chart/)
  })

  it('of a child machine follows its parent’s version as long as its own chart is the same', () => {
    const logic = deployed(first, '2', [oneToTwo({ migrate: () => ({ value: 'gone', context: null }) })], null)
    const after = bringUp(record, { ...logic, type: 'ticket--audit' }, 0)
    expect(after).toEqual({ ...record, machine: logic.stamp })
  })

  it('of a child machine whose chart changed needs a migration of its own', () => {
    const own = oneToTwo({ of: 'ticket--audit', migrate: ({ value }) => ({ value, context: 'own' }) })
    const logic = { ...deployed(second, '2', [oneToTwo()], null), type: 'ticket--audit' }
    expect(() => bringUp(record, logic, 0)).toThrow(/no migration leads from there/)
    expect(bringUp(record, { ...logic, migrations: [oneToTwo(), own] }, 0).snapshot.context).toBe('own')
  })
})
