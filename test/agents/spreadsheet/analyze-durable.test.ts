import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyze } from '../../../agents/spreadsheet/analyze.command.ts'
import { isUsageError } from '../../../runtime/cli/usage-error.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { runCommand } from '../../runtime/cli/command-run.ts'
import { type CommandOutcome, startTroupe, troupe } from '../../runtime/cli/troupe-command.ts'
import { normalForm } from './analysis-normal-form.ts'
import { manySheets } from './many-sheets.ts'

const RUN = /^Run (\S+) is kept in/m

let folder: string
let book: string
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-durable-'))
  book = at('book.xlsx')
  writeFileSync(book, manySheets(12))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Sends a signal at the first note about a sheet. Resolves to the run and how the command ended. */
async function cutOff(db: string, signal: NodeJS.Signals, path = book): Promise<CommandOutcome & { runId: string }> {
  const words = ['analyze', path, '--db', db, '--concurrency', '1', '--json']
  const outcome = await startTroupe(words, (line, child) => {
    if (line.endsWith(': studying')) child.kill(signal)
  }).ended
  return { ...outcome, runId: RUN.exec(outcome.err)?.[1] ?? '' }
}

async function refusal(...words: readonly string[]): Promise<Error> {
  const { out, error, code } = await runCommand(analyze, ...words)
  return error && out === '' ? error : new Error(`it ended with ${code}`)
}

describe('troupe analyze --db', () => {
  it('says at once where the run is kept and how to go on with it, and comes to what it comes to without', async () => {
    const db = at('plain.sqlite')
    const [durable, ephemeral] = await Promise.all([
      troupe('analyze', book, '--db', db, '--json'),
      troupe('analyze', book, '--json'),
    ])
    const runId = RUN.exec(durable.err)?.[1] ?? ''
    expect(durable.err.split('\n')[0]).toBe(
      `Run ${runId} is kept in ${db}. Should it be cut off: troupe analyze --resume ${runId} --db ${db}`,
    )
    expect(durable.err).toContain('Sheet 3: reported')
    expect(normalForm(durable.out)).toEqual(normalForm(ephemeral.out))
    const again = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    expect(again).toEqual({ code: 0, out: durable.out, err: '' })
  })

  it('leaves an interrupted run to be resumed, and prints no report of the half of it', async () => {
    const db = at('interrupted.sqlite')
    const { code, out, err, runId } = await cutOff(db, 'SIGINT')
    expect([code, out]).toEqual([130, ''])
    expect(err).toMatch(/Interrupted: \d of 7 steps are done.*Go on with: troupe analyze --resume/)
    const resumed = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    expect(resumed.err).toContain(`Run ${runId} goes on: `)
    expect(JSON.parse(resumed.out)).toMatchObject({ status: 'completed', runId })
  })

  it('keeps a blocked file as what it is, with its exit code', async () => {
    const db = at('blocked.sqlite')
    const path = at('empty.xlsx')
    writeFileSync(path, '')
    const first = await troupe('analyze', path, '--db', db, '--json')
    expect(first.code).toBe(3)
    const again = await troupe('analyze', '--resume', RUN.exec(first.err)?.[1] ?? '', '--db', db, '--json')
    expect([again.code, again.out]).toEqual([3, first.out])
  })

  it('does not go on with a workbook that has changed, and does once it is as it was', async () => {
    const db = at('changed.sqlite')
    const path = at('changing.xlsx')
    writeFileSync(path, manySheets(12))
    const { runId } = await cutOff(db, 'SIGKILL', path)
    writeFileSync(path, manySheets(11))
    const refused = await troupe('analyze', '--resume', runId, '--db', db)
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toContain(`${path} has changed since the analysis began`)
    rmSync(path)
    expect((await troupe('analyze', '--resume', runId, '--db', db)).err).toContain('there is no such file')
    writeFileSync(path, manySheets(12))
    const resumed = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    expect(JSON.parse(resumed.out)).toMatchObject({ status: 'completed' })
  })

  it('goes on with the run asked for and leaves the others in the file alone', async () => {
    const db = at('two-runs.sqlite')
    const first = await cutOff(db, 'SIGKILL')
    const second = await cutOff(db, 'SIGKILL')
    const resumed = await troupe('analyze', '--resume', first.runId, '--db', db, '--json')
    expect(JSON.parse(resumed.out)).toMatchObject({ status: 'completed', runId: first.runId })
    const runs = JSON.parse((await troupe('runs', '--db', db, '--json')).out) as { id: string; status: string }[]
    expect(runs.map(({ id, status }) => [id, status])).toEqual([
      [second.runId, 'running'],
      [first.runId, 'completed'],
    ])
  })

  it('refuses a file that another process works on, says which, and leaves it alone', async () => {
    const db = at('owned.sqlite')
    const journal = sqlite(db)
    await journal.own('local', 'main')
    const { code, out, err } = await troupe('analyze', book, '--db', db)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`${db} is owned by process ${process.pid} on`)
    expect(err).toContain('wait until that has ended, or stop it; other work can have a file of its own')
    await journal.close()
    expect((await troupe('runs', '--db', db)).out).toBe('No runs.\n')
  })

  it('stops when the disk is full, and goes on with what it had once there is room', async () => {
    const db = at('full.sqlite')
    const { code, out, err } = await startTroupe(['analyze', book, '--db', db, '--json'], undefined, 160).ended
    const runId = RUN.exec(err)?.[1] ?? ''
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(new RegExp(`run ${runId} was cut off: .*full.sqlite`))
    expect(err).toContain(`what was written is not lost: troupe analyze --resume ${runId}`)
    const resumed = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    expect(JSON.parse(resumed.out)).toMatchObject({ status: 'completed' })
  })

  it('refuses a file that cannot be a journal with its reason, and leaves it as it was', async () => {
    const text = at('notes.txt')
    writeFileSync(text, 'no database '.repeat(500))
    mkdirSync(at('folder'))
    const foreign = sqlite(at('foreign.sqlite'))
    await (await foreign.own('acme', 'main')).release()
    await foreign.close()
    const wrong: readonly (readonly [db: string, reason: string])[] = [
      [text, 'is not a SQLite database'],
      [at('folder'), 'is a folder'],
      [at('foreign.sqlite'), "belongs to realm 'acme', not 'local'"],
      [at('no/such/run.sqlite'), 'its folder does not exist'],
    ]
    for (const [db, reason] of wrong) {
      const error = await refusal(book, '--db', db)
      expect(error.message).toContain(reason)
      expect(isUsageError(error)).toBe(false)
    }
    expect(readFileSync(text, 'utf8')).toBe('no database '.repeat(500))
  })

  it('says of a damaged file that it is, and begins nothing in it', async () => {
    const db = at('damaged.sqlite')
    await troupe('analyze', book, '--db', db)
    const bytes = readFileSync(db)
    writeFileSync(db, bytes.fill(7, 4_096, bytes.length - 4_096))
    const { code, out, err } = await troupe('analyze', book, '--db', db)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`${db} is damaged`)
  })

  it('says what is missing when it is called wrongly', async () => {
    const db = at('usage.sqlite')
    const journal = sqlite(db)
    await (await journal.own('local', 'main')).release()
    await journal.close()
    const wrong: readonly (readonly [words: readonly string[], reason: string])[] = [
      [[book, '--db'], "'--db <value>' argument missing"],
      [[book, '--db', ''], '--db takes the name of a file'],
      [[book, '--db', book], 'is the workbook itself'],
      [['--resume', 'r'], '--resume needs the file that keeps the run'],
      [['--resume', '', '--db', db], '--resume takes the id of a run'],
      [['--resume', 'r', book, '--db', db], '--resume takes no FILE'],
      [['--resume', 'r', '--budget', '5', '--db', db], '--budget cannot be changed in a run that has begun'],
      [['--resume', 'nobody', '--db', db], "there is no run 'nobody'"],
      [['--resume', '../x y', '--db', db], "there is no run '../x y'"],
    ]
    for (const [words, reason] of wrong) {
      const error = await refusal(...words)
      expect(error.message).toContain(reason)
      expect(isUsageError(error)).toBe(true)
    }
    expect((await refusal('--resume', 'r', '--db', at('none.sqlite'))).message).toContain('does not exist')
    expect(statSync(at('none.sqlite'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it('lists the runs there are when it does not know the one asked for', async () => {
    const db = at('listed.sqlite')
    const { runId } = await cutOff(db, 'SIGKILL')
    expect((await troupe('analyze', '--resume', 'other', '--db', db)).err).toContain(`there are: ${runId}`)
  })
})
