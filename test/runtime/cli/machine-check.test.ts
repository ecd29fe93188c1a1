import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Address } from '../../../runtime/protocol/address.ts'
import type { ActorRecord } from '../../../runtime/protocol/record.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { recordOfVersion } from '../persistence/migration-record.ts'
import { ticket } from './ticket-definitions.ts'

const MAIN = join(import.meta.dirname, '../../../runtime/cli/main.ts')
const FILE = join(import.meta.dirname, 'ticket-definitions.ts')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'machine-check-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function check(...words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'machine', ...words], (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

async function journalOf(name: string, realm: string, ...records: readonly ActorRecord[]): Promise<string> {
  const path = join(folder, name)
  const journal = sqlite(path)
  await (await journal.own(realm, 'shard')).append({ records, removed: [] })
  await journal.close()
  return path
}

function record(type: string, key: string, value: string): ActorRecord {
  const written = recordOfVersion(ticket.hosted.source, '1', { snapshot: { value } })
  return { ...written, address: `local/${type}/${key}` as Address }
}

describe('troupe machine check', () => {
  it('ends with 0 when every record can go on, definitions in packs included', async () => {
    const db = await journalOf('fits.sqlite', 'local', record('ticket', 'a', 'open'), record('ticket', 'b', 'open'))
    const { code, out } = await check('check', FILE, '--db', db)
    expect(out).toBe('ticket, version 2: 2 migrated\n\nCompatible.\n')
    expect(code).toBe(0)
  })

  it('ends with 1 and says what is wrong when a state would vanish', async () => {
    const db = await journalOf('state.sqlite', 'local', record('ticket', 'a', 'open'), record('ticket', 'b', 'waiting'))
    const { code, out } = await check('check', FILE, '--db', db)
    expect(out).toContain("ticket: there is no state 'waiting' (1 record)")
    expect(out).toContain('local/ticket/b')
    expect(code).toBe(1)
  })

  it('prints JSON, and looks at one type with the machines it starts', async () => {
    const db = await journalOf(
      'types.sqlite',
      'local',
      record('note', 'a', 'gone'),
      record('ticket--audit', 'b', 'gone'),
    )
    const { code, out } = await check('check', FILE, '--db', db, '--type', 'ticket', '--json')
    const result = JSON.parse(out) as { types: { type: string; refused: number }[]; problems: { type: string }[] }
    expect(result.types.map(({ type, refused }) => [type, refused])).toEqual([
      ['ticket', 0],
      ['ticket--audit', 1],
    ])
    expect(new Set(result.problems.map(({ type }) => type))).toEqual(new Set(['ticket--audit']))
    expect(code).toBe(1)
  })

  it('leaves the journal as it was, while another process owns it', async () => {
    const path = join(folder, 'owned.sqlite')
    const journal = sqlite(path)
    const owned = await journal.own('local', 'shard')
    await owned.append({ records: [record('ticket', 'a', 'open')], removed: [] })
    expect((await check('check', FILE, '--db', path)).out).toContain('1 migrated')
    await owned.append({ records: [], removed: ['local/ticket/a' as Address] })
    await journal.close()
  })

  it('says what it needs, with exit code 2, when it is called wrongly', async () => {
    const db = await journalOf('usage.sqlite', 'local')
    const text = join(folder, 'text.mjs')
    writeFileSync(text, 'export const nothing = 1\n')
    const broken = join(folder, 'broken.mjs')
    writeFileSync(broken, "throw new Error('no key')\n")
    const wrong: readonly (readonly [words: readonly string[], fault: string])[] = [
      [['check', '--db', db], 'what to check'],
      [['inspect', FILE, '--db', db], 'what to check'],
      [['check', FILE], '--db run.sqlite'],
      [['check', join(folder, 'missing.ts'), '--db', db], 'there is no file'],
      [['check', text, '--db', db], 'exports no actor definition'],
      [['check', broken, '--db', db], 'cannot be loaded: no key'],
      [['check', FILE, '--db', db, '--type', 'tiket'], 'there are: ticket, note'],
    ]
    const outcomes = await Promise.all(wrong.map(([words]) => check(...words)))
    for (const [index, { code, err }] of outcomes.entries()) {
      expect(err).toContain(wrong[index]?.[1])
      expect(code).toBe(2)
    }
  }, 30_000)

  it('says which realm a journal has, and does not make one that is not there', async () => {
    const db = await journalOf('realm.sqlite', 'acme')
    expect((await check('check', FILE, '--db', db)).err).toContain("belongs to realm 'acme'")
    expect((await check('check', FILE, '--db', db, '--realm', 'acme')).code).toBe(0)
    expect((await check('check', FILE, '--db', join(folder, 'none.sqlite'))).err).toContain('does not exist')
  })
})
