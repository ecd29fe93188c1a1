import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnalysisResult } from '../../../agents/spreadsheet/report/analysis-result.ts'
import { startTroupe, troupe } from '../../runtime/cli/troupe-command.ts'
import { normalForm } from './analysis-normal-form.ts'
import { manySheets } from './many-sheets.ts'

/** When a process is killed: at a line of its notes, at a size of its journal, or after a while. */
type Moment = { readonly line: number } | { readonly bytes: number } | { readonly ms: number }

const SHEETS = 12
const RUN = /^Run (\S+) is kept/m

let folder: string
let book: string
let undisturbed: AnalysisResult

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-killed-'))
  book = join(folder, 'book.xlsx')
  writeFileSync(book, manySheets(SHEETS))
  undisturbed = normalForm((await troupe('analyze', book, '--json')).out)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Kills an analysis at a moment. Resolves to what it had said by then. */
async function killedAt(moment: Moment, db: string): Promise<string> {
  let lines = 0
  const kill = (child: ChildProcess): void => void child.kill('SIGKILL')
  const running = startTroupe(['analyze', book, '--db', db, '--concurrency', '2', '--json'], (_, child) => {
    if ('line' in moment && ++lines === moment.line) kill(child)
  })
  const log = `${db}-wal`
  const timer =
    'bytes' in moment
      ? setInterval(() => {
          if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) >= moment.bytes) kill(running.process)
        }, 1)
      : setTimeout(() => 'ms' in moment && kill(running.process), 'ms' in moment ? moment.ms : 0)
  const { err } = await running.ended
  clearInterval(timer)
  return err
}

function sheets(err: string, verb: 'studying' | 'reported'): string[] {
  return err.split('\n').flatMap((line) => (line.endsWith(`: ${verb}`) ? [line.split(':')[0] ?? ''] : []))
}

describe('an analysis with --db that is killed', () => {
  const moments: readonly Moment[] = [
    ...[1, 2, 4, 9, 17, 25].map((line) => ({ line })),
    ...[40_000, 200_000, 500_000].map((bytes) => ({ bytes })),
    ...[1, 2].map(() => ({ ms: 250 + Math.floor(Math.random() * 500) })),
  ]

  it.concurrent.each(moments.map((moment, at) => [JSON.stringify(moment), moment, at] as const))(
    'at %s comes to the same result when it is resumed, and does nothing finished again',
    async (_, moment, at) => {
      const db = join(folder, `${at}.sqlite`)
      const before = await killedAt(moment, db)
      const runId = RUN.exec(before)?.[1]
      const words = runId === undefined ? [book] : ['--resume', runId]
      const { code, out, err } = await troupe('analyze', ...words, '--db', db, '--json')
      expect({ code, err }).toMatchObject({ code: 0 })
      expect(normalForm(out)).toEqual(undisturbed)
      const reported = new Set(sheets(before, 'reported'))
      expect(sheets(err, 'studying').filter((sheet) => reported.has(sheet))).toEqual([])
    },
  )

  it('several times in a row comes to the same result', async () => {
    const db = join(folder, 'again.sqlite')
    const first = await killedAt({ line: 3 }, db)
    const runId = RUN.exec(first)?.[1] ?? ''
    for (const line of [2, 4]) {
      let lines = 0
      const again = startTroupe(['analyze', '--resume', runId, '--db', db, '--concurrency', '1'], (_, child) => {
        if (++lines === line) child.kill('SIGKILL')
      })
      await again.ended
    }
    const { out } = await troupe('analyze', '--resume', runId, '--db', db, '--json')
    expect(normalForm(out)).toEqual(undisturbed)
  })
})
