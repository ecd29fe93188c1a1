import { existsSync, realpathSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { isUnwritable, sqliteFailure } from './sqlite-failure.ts'

/** 'Trpe': says that a SQLite file is a journal of Troupe. */
const APPLICATION = 0x54727065
const FORMAT = 1
/**
 * How long the log grows before it is folded back into the file: 16 MB. What is written often is folded once, so a longer
 * log makes less work and rarer stalls.
 */
const LOG_PAGES = 4_000

/**
 * `due` is the record's wake, or until when it is kept once it has ended. `epoch` and `turn` order the writes. `sum` tells
 * damage, for which SQLite itself does not look.
 */
const SCHEMA = `
  CREATE TABLE journal (realm TEXT NOT NULL, epoch INTEGER NOT NULL, owner TEXT NOT NULL) STRICT;
  CREATE TABLE shards (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL) STRICT;
  CREATE TABLE records (
    id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, address TEXT NOT NULL, epoch INTEGER NOT NULL, turn INTEGER NOT NULL,
    due REAL, ended INTEGER NOT NULL, sum INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (shard, address)
  ) STRICT;
  CREATE INDEX dues ON records (shard, ended, due) WHERE due IS NOT NULL;
  CREATE TABLE letters (
    id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, letter TEXT NOT NULL, sum INTEGER NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (shard, letter)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${FORMAT};
`

/** Opens a file to write to it, and makes it if it is not there. What is not a journal is left as it is. */
export function openFile(path: string, patience: number): DatabaseSync {
  return opened(path, () => new DatabaseSync(path, { timeout: patience }), holdsJournal)
}

/** Opens the journal in a file to read it. Rejects a file that is not there or holds none. */
export function openReader(path: string, patience: number): DatabaseSync {
  if (!statSync(path, { throwIfNoEntry: false })) {
    throw new TroupeError('STORAGE', `${path} does not exist`, { where: path, hint: 'name the file of a journal' })
  }
  const check = (db: DatabaseSync, at: string): void => {
    if (holdsJournal(db, at)) return
    throw new TroupeError('STORAGE', `${path} holds no journal yet`, { where: path, hint: 'start its owner first' })
  }
  try {
    return opened(path, () => new DatabaseSync(path, { timeout: patience, readOnly: true }), check)
  } catch (thrown) {
    // Beside a file in WAL mode SQLite wants to make others. Where it may not, and there is nothing in them to miss, the
    // file can be read alone.
    const { cause } = thrown as { cause?: unknown }
    if (!isUnwritable(cause) || existsSync(`${path}-wal`)) throw thrown
    const alone = new URL('?immutable=1', pathToFileURL(realpathSync(path)))
    return opened(path, () => new DatabaseSync(alone, { readOnly: true }), check)
  }
}

/** Prepares a file for its owner: made a journal of the realm, if it is empty, and set to the durability. */
export function prepareFile(db: DatabaseSync, path: string, realm: string, durability: 'D1' | 'D2'): void {
  // Pages that become free can be given back; to be said before there is any page.
  db.exec('PRAGMA auto_vacuum = INCREMENTAL')
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
  if (mode !== 'wal') {
    throw new TroupeError('STORAGE', `${path} cannot be put into WAL mode; it is in mode ${String(mode)}`, {
      where: path,
      hint: 'keep it on a local disk: network file systems do not have what WAL needs',
    })
  }
  db.exec(`
    PRAGMA synchronous = ${durability === 'D2' ? 'FULL' : 'NORMAL'};
    PRAGMA fullfsync = ${durability === 'D2' ? 'ON' : 'OFF'};
    PRAGMA wal_autocheckpoint = ${LOG_PAGES};
    PRAGMA journal_size_limit = ${LOG_PAGES * 4096};
    PRAGMA cache_size = -16000;
    BEGIN IMMEDIATE;
  `)
  try {
    // Another process may have been here between the first look and the lock.
    if (!holdsJournal(db, path)) {
      db.exec(SCHEMA)
      db.prepare("INSERT INTO journal VALUES (?, 0, '')").run(realm)
    }
    assertRealm(db, path, realm)
    db.exec('COMMIT')
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

/** Throws INCOMPATIBLE unless the journal in the file is that of the realm. */
export function assertRealm(db: DatabaseSync, path: string, realm: string): void {
  const found = db.prepare('SELECT realm FROM journal').get()?.['realm']
  if (found === realm) return
  throw new TroupeError('INCOMPATIBLE', `${path} belongs to realm '${String(found)}', not '${realm}'`, {
    where: realm,
    hint: 'give each realm a file of its own',
  })
}

function opened(
  path: string,
  open: () => DatabaseSync,
  check: (db: DatabaseSync, path: string) => unknown,
): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = open()
    check(db, path)
    return db
  } catch (thrown) {
    db?.close()
    throw sqliteFailure(path, thrown)
  }
}

/** Whether there is a journal in the file already; false for an empty file. Throws INCOMPATIBLE for anything else. */
function holdsJournal(db: DatabaseSync, path: string): boolean {
  // In one statement: another process may be making it between two.
  const look = db.prepare(
    'SELECT application_id AS application, user_version AS format, (SELECT count(*) FROM sqlite_schema) AS objects ' +
      'FROM pragma_application_id, pragma_user_version',
  )
  const { application, format, objects } = look.get() ?? {}
  if (application === APPLICATION && Number(format) <= FORMAT) return true
  if (application === APPLICATION) {
    throw new TroupeError('INCOMPATIBLE', `${path} has journal format ${String(format)}, which cannot be read`, {
      where: path,
      hint: `this process reads format ${FORMAT}: upgrade it`,
    })
  }
  if (application === 0 && format === 0 && objects === 0) return false
  throw new TroupeError('INCOMPATIBLE', `${path} is a SQLite database of something else`, {
    where: path,
    hint: 'name a file of its own for the journal; this one was left as it is',
  })
}
