import { createMachine, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Compatibility, compareWithRecords } from '../../../runtime/persistence/compatibility.ts'
import { compatibilityText } from '../../../runtime/persistence/compatibility-text.ts'
import type { VersionedLogic } from '../../../runtime/persistence/record-review.ts'
import type { Address } from '../../../runtime/protocol/address.ts'
import { defineContract } from '../../../runtime/protocol/contract.ts'
import type { ActorRecord } from '../../../runtime/protocol/record.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { atWork, deployed, oneToTwo, onItsWay, putAway, recordOfVersion } from './migration-record.ts'
import { chart, NOW, timer } from './ticket-versions.ts'

const former = chart({ initial: 'open', states: { open: {}, waiting: {} } })
const next = chart({ initial: 'open', states: { open: { on: { 'ticket.close': {} } } } })
const contract = defineContract({ messages: { 'ticket.close': { fields: z.object({ by: z.string() }) } } })

function ticket(key: string, contents: Parameters<typeof recordOfVersion>[2] = {}): ActorRecord {
  const record = recordOfVersion(former, '1', { address: `realm/ticket/${key}` as Address, ...contents })
  return { ...record, snapshot: { value: 'open', ...record.snapshot } }
}

// Through a journal, as it is done before a deployment.
async function compare(logic: VersionedLogic, ...records: readonly ActorRecord[]): Promise<Compatibility> {
  const journal = memoryJournal()
  await (await journal.own('realm', 's')).append({ records, removed: [] })
  return compareWithRecords([logic], (await journal.view('realm')).records(), NOW)
}

const second = deployed(next, '2', [oneToTwo()], contract)

describe('a new version compared with the records of a journal', () => {
  it('is compatible with records that go on, are migrated or have ended', async () => {
    const current = { ...ticket('now'), machine: second.stamp }
    const ended = ticket('over', { snapshot: { status: 'done', value: 'gone' }, ended: { at: 1, until: 2 } })
    const result = await compare(second, current, ended, ticket('a'), ticket('b'))
    expect(result).toEqual({
      types: [{ type: 'ticket', version: '2', unchanged: 1, migrated: 2, ended: 1, refused: 0 }],
      problems: [],
      unlisted: 0,
    })
    expect(compatibilityText(result)).toBe('ticket, version 2: 1 unchanged, 2 migrated, 1 ended\n\nCompatible.\n')
  })

  const waiting = { snapshot: { value: 'waiting' } } as const
  const kinds: Readonly<Record<string, [logic: VersionedLogic, record: ActorRecord, kind: string, name: string]>> = {
    'a state that vanishes': [second, ticket('t', waiting), 'state', '"waiting"'],
    'no way from its version': [deployed(next, '3', [], contract), ticket('t'), 'version', '1'],
    'a chart that changed in its version': [deployed(next, '1', [], contract), ticket('t'), 'chart', '1'],
    'a migration that throws': [
      deployed(next, '2', [oneToTwo({ migrate: () => JSON.parse('{') as never })], contract),
      ticket('t'),
      'migration',
      "from '1' to '2'",
    ],
    'a message put away that nobody handles': [
      second,
      ticket('t', { stash: [putAway('ticket.lost')] }),
      'event',
      'ticket.lost',
    ],
    'a message to itself that nobody handles': [
      second,
      ticket('t', { outbox: [onItsWay('realm/ticket/t', 'ticket.lost')] }),
      'event',
      'ticket.lost',
    ],
    'a message from elsewhere that nobody handles': [
      second,
      { ...ticket('t', { outbox: [onItsWay('realm/ticket/x', 'ticket.lost')] }), address: 'realm/user/u' as Address },
      'event',
      'ticket.lost',
    ],
    'a message from elsewhere that its contract refuses': [
      second,
      { ...ticket('t', { outbox: [onItsWay('realm/ticket/x', 'ticket.close')] }), address: 'realm/user/u' as Address },
      'event',
      'ticket.close',
    ],
    'a timed message that nobody handles': [
      second,
      ticket('t', { timers: [timer('r', 5, 'ticket.lost')] }),
      'event',
      'ticket.lost',
    ],
    'a delay that is gone': [
      second,
      ticket('t', { timers: [timer('xstate.after.5.ticket.open', 5)] }),
      'timer',
      'xstate.after.5.ticket.open',
    ],
    'a task whose logic is gone': [second, ticket('t', { tasks: [atWork('job', 'former')] }), 'task', 'job'],
    'a child whose logic is gone': [
      second,
      ticket('t', {
        snapshot: { children: { kid: { src: 'former', syncs: false } } },
        children: { kid: 'realm/ticket--former/t/kid' as Address },
      }),
      'child',
      'kid',
    ],
  }
  for (const [name, [logic, record, kind, subject]] of Object.entries(kinds)) {
    it(`tells ${name}, with the address`, async () => {
      const { problems } = await compare(logic, record)
      const address = record.address === 'realm/user/u' ? 'realm/ticket/x' : record.address
      expect(problems).toMatchObject([{ type: 'ticket', kind, name: subject, count: 1, addresses: [address] }])
    })
  }

  it('tells which states would vanish even where a migration has yet to be written', async () => {
    const { problems } = await compare(deployed(next, '2', [], contract), ticket('t', waiting))
    expect(problems.map(({ kind }) => kind)).toEqual(['version', 'state'])
  })

  it('counts all and lists a few, the widest spread first, and is not flooded by kinds', async () => {
    const records = Array.from({ length: 250 }, (_, n) =>
      ticket(`t-${n}`, { ...waiting, snapshot: { value: n < 200 ? 'waiting' : `state-${n}` } }),
    )
    const many = records.map((record, n) => ({
      ...record,
      stash: [putAway(`message-${n}`)],
      snapshot: { ...record.snapshot, value: 'open' },
    }))
    const states = await compare(second, ...records)
    expect(states.problems[0]).toMatchObject({ kind: 'state', count: 200 })
    expect(states.problems[0]?.addresses).toHaveLength(10)
    expect(states.types).toMatchObject([{ refused: 250 }])
    const messages = await compare(second, ...many)
    expect(messages.problems).toHaveLength(200)
    expect(messages.unlisted).toBe(50)
    expect(compatibilityText(messages)).toContain('... and 50 more')
  })

  it('does not mind what the runtime says to itself, nor records of other types', async () => {
    const other = { ...ticket('t', { ...waiting, outbox: [onItsWay('realm/ticket/x', 'troupe.down')] }) }
    const elsewhere = { ...other, address: 'realm/user/u' as Address }
    expect(await compare(second, elsewhere)).toMatchObject({ problems: [], types: [{ refused: 0, migrated: 0 }] })
    expect(compatibilityText(await compare(second, elsewhere))).toBe('No records of these types.\n\nCompatible.\n')
  })

  it('takes child machines as types of their own', async () => {
    const audit = createMachine({ id: 'audit' })
    const parent = setup({ actors: { audit } }).createMachine({ id: 'ticket' })
    const child = { ...deployed(audit, '2', [], null), type: 'ticket--audit' }
    const record = {
      ...recordOfVersion(audit, '1', { snapshot: { value: {} } }),
      address: 'realm/ticket--audit/t/a' as Address,
    }
    const journal = memoryJournal()
    await (await journal.own('realm', 's')).append({ records: [record], removed: [] })
    const records = (await journal.view('realm')).records()
    const { types } = await compareWithRecords([deployed(parent, '2'), child], records, NOW)
    expect(types).toMatchObject([
      { type: 'ticket', migrated: 0 },
      { type: 'ticket--audit', migrated: 1 },
    ])
  })
})

describe('the text of a comparison', () => {
  it('says of each problem what it is, what to do, and where', async () => {
    const result = await compare(
      second,
      ...['a', 'b', 'c', 'd'].map((key) => ticket(key, { snapshot: { value: 'waiting' } })),
    )
    expect(compatibilityText(result).split('\n')).toEqual([
      'ticket, version 2: 4 refused',
      '',
      '1 problem:',
      '',
      "  ticket: there is no state 'waiting' (4 records)",
      '    rename the state in `renamed.states`, or return a state of the new chart from `migrate`',
      '    realm/ticket/a',
      '    realm/ticket/b',
      '    realm/ticket/c',
      '    ... and 1 more',
      '',
    ])
  })

  it('does not let a key steer the terminal', async () => {
    const text = compatibilityText(await compare(second, ticket('\u001B[2J\u202E', { snapshot: { value: 'waiting' } })))
    for (const sign of ['\u001B', '\u202E']) expect(text).not.toContain(sign)
  })
})
