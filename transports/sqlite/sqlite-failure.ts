import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'

const BUSY = 5
const CANNOT_OPEN = 14

/** What SQLite's primary result codes mean for a journal, and what to do about them. */
const FAILURES: ReadonlyMap<number, readonly [what: string, hint: string]> = new Map([
  [3, ['may not be opened', 'give this user the right to read and write it and its folder']],
  [BUSY, ['is locked by another process', 'end what holds it (a backup, a database browser), then try again']],
  [8, ['cannot be written', 'give this user the right to write it and its folder']],
  [10, ['could not be read or written: the disk or its quota refused', 'look after the disk, then start again']],
  [11, ['is damaged', 'restore it from a copy, or save what can be saved with the `.recover` of the sqlite3 shell']],
  [13, ['cannot grow: the disk is full', 'make room, then start again']],
  [CANNOT_OPEN, ['cannot be opened', 'give this user the right to read and write it and its folder']],
  [26, ['is not a SQLite database, or its first page is damaged', 'name another file, or restore it from a copy']],
])

/** Any failure of SQLite on a file as an error that says what to do. */
export function sqliteFailure(path: string, thrown: unknown): TroupeError {
  if (isTroupeError(thrown)) return thrown
  const code = resultCode(thrown)
  const reason = (thrown as Error).message
  if (code === null) return new TroupeError('STORAGE', `${path}: ${reason}`, { where: path, cause: thrown })
  const misplaced = code === CANNOT_OPEN ? misplacement(path) : undefined
  const [what, hint] = misplaced ?? FAILURES.get(code) ?? ['refused', 'see the reason it gave']
  return new TroupeError('STORAGE', `${path} ${what} (${reason})`, { where: path, hint, cause: thrown })
}

/** True when another connection holds what was asked for. */
export function isBusy(thrown: unknown): boolean {
  return resultCode(thrown) === BUSY
}

/** True when the file is there and cannot be used as a database that changes. */
export function isUnwritable(thrown: unknown): boolean {
  const code = resultCode(thrown)
  return code === CANNOT_OPEN || code === 8
}

function resultCode(thrown: unknown): number | null {
  const { errcode } = (thrown ?? {}) as { errcode?: unknown }
  // The low byte is the primary code, the rest says more.
  return typeof errcode === 'number' ? errcode & 0xff : null
}

function misplacement(path: string): readonly [what: string, hint: string] | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return ['is a folder', 'name a file in it']
  const folder = statSync(dirname(path), { throwIfNoEntry: false })
  if (!folder) return ['cannot be opened: its folder does not exist', `make the folder ${dirname(path)} first`]
  if (!folder.isDirectory()) return ['cannot be opened: it lies under a file', 'name a file in a folder']
  return undefined
}
