import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { deadlettersCommand } from '../../../runtime/cli/deadletters.command.ts'
import { psCommand } from '../../../runtime/cli/ps.command.ts'
import { isUsageError } from '../../../runtime/cli/usage-error.ts'
import type { DeadLetterRecord } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { scratchFolder } from '../../support/transports/scratch-folder.ts'
import { runCommand } from './command-run.ts'
import { parcelJournal } from './parcel-journal.ts'
import { troupe } from './troupe-command.ts'

const DEFINITIONS = join(import.meta.dirname, 'parcel-definitions.ts')
const scratch = scratchFolder()
const deadletters = (...words: readonly string[]) => runCommand(deadlettersCommand, ...words)

async function filled(): Promise<{ readonly db: string; readonly letter: DeadLetterRecord }> {
  const db = scratch('parcels.sqlite')
  await parcelJournal(db)
  const { out } = await deadletters('list', '--db', db, '--json')
  const [letter] = JSON.parse(out) as DeadLetterRecord[]
  if (!letter) throw new Error('there is no letter')
  return { db, letter }
}

// An id may begin with a dash.
const named = (verb: string, id: string, ...options: readonly string[]) => deadletters(...options, '--', verb, id)

describe('troupe deadletters', () => {
  it('lists who could not take what, and why', async () => {
    const { db, letter } = await filled()
    const { code, out } = await deadletters('list', '--db', db)
    const [head = '', line = '', ...more] = out.trimEnd().split('\n')
    expect(head).toMatch(/^ID +DIED \(UTC\) +TO +MESSAGE +CODE +REASON$/)
    expect(line).toContain(`${letter.id}  `)
    expect(line).toMatch(/local\/parcel\/p-1 {2}parcel\.weigh {2}\w+ .*-5 g is no weight/)
    expect([code, more]).toEqual([0, []])
  })

  it('shows all of one, with what was said', async () => {
    const { db, letter } = await filled()
    const { out } = await named('show', letter.id, '--db', db)
    expect(out).toContain('message  parcel.weigh\n')
    expect(out).toContain('"grams": -5')
    expect(JSON.parse((await named('show', letter.id, '--db', db, '--json')).out)).toEqual(letter)
  })

  it('replays one to a definition that can take it; then it is a dead letter no more', async () => {
    const { db, letter } = await filled()
    const { code, notes } = await named('replay', letter.id, '--db', db, '--pack', DEFINITIONS)
    expect([code, notes]).toEqual([0, 'local/parcel/p-1 has taken the message.\n'])
    expect((await deadletters('list', '--db', db)).out).toBe('No dead letters.\n')
    const journal = sqlite(db)
    const record = await (await journal.view('local')).read(letter.to)
    await journal.close()
    expect(record?.snapshot.context).toEqual({ grams: 5 })
  })

  it('leaves actors alone that the replay is not for', async () => {
    const { db, letter } = await filled()
    const before = (await runCommand(psCommand, '--db', db, '--json')).out
    await named('replay', letter.id, '--db', db, '--pack', DEFINITIONS)
    const after = (await runCommand(psCommand, '--db', db, '--json')).out
    const second = (text: string) => (JSON.parse(text) as { address: string }[])[1]
    expect(second(after)).toEqual(second(before))
  })

  it('keeps one that nobody here can take, and says whose definition is missing', async () => {
    const { db, letter } = await filled()
    const { error } = await named('replay', letter.id, '--db', db)
    expect(error?.message).toContain("nothing here hosts 'parcel'")
    expect((await deadletters('list', '--db', db)).out).toContain(letter.id)
  })

  it('says so when it fails again, and ends with 4', async () => {
    const { db, letter } = await filled()
    const broken = scratch('broken.mjs')
    const throws = "() => { throw new Error('there are no scales') }"
    const from = JSON.stringify(pathToFileURL(DEFINITIONS).href)
    writeFileSync(broken, `import { parcelActor } from ${from}\nexport const parcel = parcelActor(${throws})\n`)
    const { code, err } = await troupe('deadletters', '--db', db, '--pack', broken, '--', 'replay', letter.id)
    expect(code).toBe(4)
    const [again] = JSON.parse((await deadletters('list', '--db', db, '--json')).out) as DeadLetterRecord[]
    expect(again?.id).not.toBe(letter.id)
    expect(err).toContain('local/parcel/p-1 could not process it this time either: CRASHED ')
    expect(err).toContain(`It is kept as ${again?.id} now.`)
  })

  it('discards one for good, without the definition of its actor', async () => {
    const { db, letter } = await filled()
    const { code, notes } = await named('discard', letter.id, '--db', db)
    expect([code, notes]).toEqual([0, 'The message to local/parcel/p-1 is gone for good.\n'])
    expect((await deadletters('list', '--db', db)).out).toBe('No dead letters.\n')
  })

  it('changes nothing while another process owns the file, and still looks at it', async () => {
    const { db, letter } = await filled()
    const journal = sqlite(db)
    await journal.own('local', 'main')
    for (const verb of ['replay', 'discard']) {
      const { error } = await named(verb, letter.id, '--db', db, '--pack', DEFINITIONS)
      expect(error?.message).toContain(`is owned by process ${process.pid}`)
    }
    expect((await deadletters('list', '--db', db)).out).toContain(letter.id)
    await journal.close()
  })

  it('says what is wrong with how it was called', async () => {
    const { db } = await filled()
    const wrong: readonly (readonly [words: readonly string[], reason: string])[] = [
      [['--db', db], 'needs to know what to do'],
      [['bury', 'x', '--db', db], 'needs to know what to do'],
      [['replay', '--db', db], "'troupe deadletters replay' takes one id"],
      [['show', 'x', 'y', '--db', db], "'troupe deadletters show' takes one id"],
      [['discard', 'nothing', '--db', db], "there is no dead letter 'nothing'"],
      [['list'], 'the journal is not named'],
      [['show', '-x', '--db', db], "Unknown option '-x'"],
    ]
    for (const [words, reason] of wrong) {
      const { error } = await deadletters(...words)
      expect(error?.message).toContain(reason)
      expect(isUsageError(error)).toBe(true)
    }
  })
})
