import { DatabaseSync } from 'node:sqlite'
import { isBusy, sqliteFailure } from './sqlite-failure.ts'

/**
 * Holds a file for this process, until it is released or the process dies, however it dies: a transaction on an empty
 * database beside the file, whose lock the system drops with the process. Null when another holds it.
 *
 * The lock lives on a database of its own, so that whoever only looks at the journal never meets it. Nothing else may open
 * that file: a process that closes any descriptor of a file drops all its locks on it.
 */
export function holdFile(path: string): { release(): void } | null {
  const beside = `${path}-owner`
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(beside, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
    const lock = db
    return { release: () => lock.close() }
  } catch (thrown) {
    db?.close()
    if (isBusy(thrown)) return null
    throw sqliteFailure(beside, thrown)
  }
}
